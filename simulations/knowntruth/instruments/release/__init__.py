"""The privacy release: aggregate tables from data whose rows may not be published.

A number is released only if it is based on enough people, and only if no suppressed number can be derived from
released ones. `cells` counts people in every cell and margin; `suppression` chooses the suppressed cells; `attack`
tries to recover them, as an outsider would, and `release` writes nothing if it succeeds; `rounding` rounds.
"""
