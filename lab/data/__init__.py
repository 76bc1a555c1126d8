"""Data: class tables (`labels`), one file per dataset, and the two readers `pairs` and `photos`.

A dataset file holds its class table and a subclass of `PairedDataset`; a folder of plain pictures
is `Photos`; `folders` finds the files of the pix2pixHD layout.
"""
