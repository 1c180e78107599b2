"""Sheets of paper: PDF and PNG."""
