"""Other people's methods, one published method per file, used like the pipelines."""
