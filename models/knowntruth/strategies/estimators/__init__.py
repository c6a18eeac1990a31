"""What several strategies compute with: regressions, propensities, bounds, validation samples."""
