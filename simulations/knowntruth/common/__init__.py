"""What every package shares and none owns: array types, errors, names, seeds, progress."""
