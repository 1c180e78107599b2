"""Figures, pictures and reports as they leave the service."""
