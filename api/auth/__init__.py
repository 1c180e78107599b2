"""Who may ask. One token a start, for now; accounts, keys and roles take its place later."""
