"""Incident counts."""
