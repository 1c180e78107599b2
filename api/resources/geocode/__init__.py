"""Geocode."""
