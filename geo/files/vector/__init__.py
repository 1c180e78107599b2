"""Files of features: the one place where a file is opened through GDAL."""
