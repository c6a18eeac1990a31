"""Commands that hand out, publish and grade data."""
