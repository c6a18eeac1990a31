"""Jobs of the commands that hand out, publish and grade data."""
