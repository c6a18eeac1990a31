"""Prior distributions as readable tables.

A prior is a row of a TOML file: a distribution from a closed list, its parameters, and the unit, the source and the
reason. `load.load("weak")` reads a table by name, `load.load("my.toml")` by path.
A new prior is a new row, never new code; the Bayesian models turn rows into distributions.
"""
