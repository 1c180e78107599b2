"""What people see: frames and figures in, pictures and tiles out; opens no connection."""
