"""Ways to draw from a posterior, one a file.

============= ==================================================================================================
`nutpie`      the default: the No-U-Turn sampler in the coordinates of the posterior's mode
`surrogate`   for large studies: the same, over a stand-in for the likelihood, put right by the likelihood itself
`laplace`     for studies of many replicates: the normal that fits the posterior best, and no more
`pymc`        PyMC's own sampler, in the model's own coordinates, should nutpie ever fail
============= ==================================================================================================
"""
