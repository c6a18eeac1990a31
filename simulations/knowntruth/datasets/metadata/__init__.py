"""What a folder of data says of itself: codebook, Croissant, Frictionless data package."""
