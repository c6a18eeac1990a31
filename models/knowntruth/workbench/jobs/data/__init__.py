"""Jobs of the commands that write, release and score data."""
