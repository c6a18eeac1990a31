"""The state of the panel: dials, setting, sample, and what is computed from it."""
