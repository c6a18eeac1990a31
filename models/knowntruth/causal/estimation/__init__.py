"""Estimating one effect from observed rows: design matrix, regression, weighting."""
