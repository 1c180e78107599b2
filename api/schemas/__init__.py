"""The shapes on the wire; never rows of the database."""
