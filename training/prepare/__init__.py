"""Data sets in their owners' folders → the pix2pixHD layout that `lab.data` reads.

One converter per file; each says in its docstring which form of the data it takes to be the
owner's. `source` is what converters hand over, `objects` numbers instances, `writing` does the
rest, `report` says what was found.
"""
