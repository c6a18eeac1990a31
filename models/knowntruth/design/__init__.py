"""Worlds, strategies and replicates: what each way of asking makes of each truth.

``diagnose`` and ``redesign`` (`diagnose`) simulate and lay truth beside estimate; ``diagnosis`` turns any table of
replicates into bias, coverage and power with their Monte Carlo errors; ``needed`` (`precision`) says how many
replicates it takes; ``replay`` shows one alone; `ledger` takes a published contrast apart.
"""
