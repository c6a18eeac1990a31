"""Can a fit be trusted? Predictive checks, leave-one-out, prior sensitivity, simulation-based calibration."""
