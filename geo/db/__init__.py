"""The engine, the embedded PostGIS cluster, the tables and their migrations."""
