"""Worlds, strategies and replicates: what each way of asking makes of each truth.

``diagnose`` and ``redesign`` (`diagnose`) simulate and lay truth beside estimate; ``diagnosis`` turns any table of
replicates into bias, coverage and power with their Monte Carlo errors; ``needed`` (`precision`) says how many
replicates it takes; ``replay`` shows one alone; `cells` and `ranking` say who survives where and what went wrong;
`planning` turns a target into the size of a study; `ledger` takes a published contrast apart; `scorecard` marks the
causal checks themselves.
"""
