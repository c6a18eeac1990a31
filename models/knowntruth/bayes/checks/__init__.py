"""Is a fit to be believed? Predictive checks, leave-one-out, prior sensitivity, simulation-based calibration."""
