"""The privacy release: what may leave, when no row may.

A number leaves only if enough people stand behind it, and only if nobody can get at a number that stayed by taking
away what left from what left. `cells` counts people in every cell and margin; `suppression` chooses what stays;
`attack` tries to undo it, as an outsider would, and `release` writes nothing unless that fails; `rounding` blurs.
"""
