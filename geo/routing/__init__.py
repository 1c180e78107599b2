"""Incident -> grid -> who answers: rules as data."""
