"""One folder a resource: its router and its shapes on the wire; translates, decides nothing."""
