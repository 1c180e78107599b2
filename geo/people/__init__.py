"""Posts of the grids and who holds them."""
