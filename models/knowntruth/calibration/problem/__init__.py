"""A problem of calibration without its world: parameters, moments, and the runs that are kept."""
