"""What the commands do, one file a command, without the grammar of the command line."""
