"""The seeded demo banner: plausible, and marked synthetic wherever it goes."""
