"""Jobs of the commands that compare and plan designs."""
