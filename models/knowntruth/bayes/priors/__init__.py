"""Prior rows as PyMC variables, and partial pooling of groups."""
