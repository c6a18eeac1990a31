"""What the panel holds: its dials and setting, the sample seen, and what is computed from it."""
