"""Reports, map books and tables, which take longer than an answer may: made by other processes."""
