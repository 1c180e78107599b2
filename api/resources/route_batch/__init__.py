"""Route batch."""
