"""The compiled log density of a model: its mode, its curvature, and coordinates in which it is easy to explore."""
