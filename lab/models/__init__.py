"""Networks: one paper, one file. They take tensors and import nothing else of the project."""
