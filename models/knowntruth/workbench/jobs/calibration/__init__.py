"""Jobs of the commands that hold worlds against the published figures."""
