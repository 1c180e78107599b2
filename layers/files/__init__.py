"""Figures and rasters as files for other programs."""
