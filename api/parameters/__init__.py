"""What callers may ask with: how each parameter is read, and what is said when it is wrong."""
