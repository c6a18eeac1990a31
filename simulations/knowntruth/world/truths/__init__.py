"""True effects of a world: estimands, effects of any variable, principal strata, potential outcomes."""
