"""Visits -> figures per grid and month."""
