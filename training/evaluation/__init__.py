"""What `python -m training.evaluate` measures: one task per file, and the report they fill."""
