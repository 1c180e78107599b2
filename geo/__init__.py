"""The domain of the banner's grids and its storage; knows no map and no HTTP."""
