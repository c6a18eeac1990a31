"""A calibration problem without its world: parameters, moments, Jacobian, and the cache of evaluations."""
