"""The estimators of the published tables: samples, cells, means and regressions with clustered standard errors."""
