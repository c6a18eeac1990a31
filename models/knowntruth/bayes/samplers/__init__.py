"""Ways to draw from a posterior, one per file.

============= ==================================================================================================
`nutpie`      the default: the No-U-Turn sampler in whitened coordinates about the posterior's mode
`surrogate`   for large studies: the same with a quadratic for the likelihood, corrected by importance weights
`laplace`     for studies of many replicates: the normal approximation at the mode, and no more
`pymc`        PyMC's own sampler, in the model's own coordinates, should nutpie ever fail
============= ==================================================================================================
"""
