"""What a world is: a validated tree of dials, and the mechanisms that they belong to."""
