"""Metadata of a folder of data: codebook, Croissant, Frictionless data package."""
