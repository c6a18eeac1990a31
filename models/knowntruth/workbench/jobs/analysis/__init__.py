"""Jobs of the commands that analyse sessions, simulated or real."""
