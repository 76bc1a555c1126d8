"""What is measured: pure functions, one subject per file."""
