"""Pictures of priors, posteriors and rank statistics."""
