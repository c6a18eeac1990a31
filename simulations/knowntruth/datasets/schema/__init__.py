"""What columns a study observes, which values they may take, and which quantities are estimands."""
