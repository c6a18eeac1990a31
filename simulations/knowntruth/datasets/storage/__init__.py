"""Reading and writing tables and folders, so a file is complete or absent."""
