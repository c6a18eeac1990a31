"""Commands that write, release and score data."""
