"""The kinds of files that can be loaded, each described by a TOML file beside this one."""

# In the order in which each finds what it refers to.
KINDS = (
    "landmarks",
    "organisations",
    "cadres",
    "buildings",
    "compound_pairings",
    "households",
    "household_statuses",
    "occupancies",
    "pairings",
    "deliveries",
    "totals",
    "visits",
    "incidents",
    "posts",
)
