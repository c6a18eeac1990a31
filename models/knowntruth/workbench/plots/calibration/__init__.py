"""Pictures of how near a world is to the published figures, and of bounds."""
