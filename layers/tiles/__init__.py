"""Vector tiles of an edition."""
