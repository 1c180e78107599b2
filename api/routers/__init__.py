"""One file a resource: each translates between HTTP and `geo` or `layers`, and decides nothing."""
