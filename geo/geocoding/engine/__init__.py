"""Reading one address: pure, in memory, frames and strings in, answers out."""
