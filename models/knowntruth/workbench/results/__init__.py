"""What a job comes to, as a value, and the manifest of its folder."""
