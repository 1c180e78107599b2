"""Reverse."""
