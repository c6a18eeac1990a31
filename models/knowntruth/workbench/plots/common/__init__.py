"""What all pictures share: one style, and the short series that they draw."""
