"""Files as people send them in, checked row by row, into the tables in one transaction."""
