"""Commands that look at or run one world."""
