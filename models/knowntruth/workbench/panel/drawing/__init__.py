"""What the panel shows: cards, pictures, and a static form of both."""
