"""A folder of an office's files: what each is, and in which order to load them."""
