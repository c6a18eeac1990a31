"""Jobs of the commands that look at or run one world."""
