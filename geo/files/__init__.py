"""Files of rows, read and written in chunks: every row, in its order, whatever is in it."""
