"""Addresses as people write them, to places with a probability and a reason."""
