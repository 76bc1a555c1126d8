"""The commands of `python -m lab`: one module each, listed in `lab.__main__`."""
