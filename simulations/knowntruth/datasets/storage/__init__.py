"""Reading and writing tables and folders, so that a file is whole or absent."""
