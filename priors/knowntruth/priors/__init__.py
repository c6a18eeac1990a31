"""Beliefs before data, as readable tables.

A prior here is a row of a TOML file: a distribution out of a closed list, its parameters, and three words of
honesty: the unit, the source, and why. `load.load("weak")` reads a table by name, `load.load("my.toml")` by path.
A new prior is a new row, never new code; the Bayesian models turn rows into distributions.
"""
