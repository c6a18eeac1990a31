"""The checks by step, one file each; every result is a row with a verdict."""
