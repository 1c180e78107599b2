"""The ordered feed of what changed."""
