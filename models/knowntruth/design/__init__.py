"""Worlds, strategies and replicates: what each strategy makes of each truth.

``diagnose`` and ``redesign`` (`diagnose`) simulate, apply every strategy, and compare estimates with the truth.

- `sources` generate the data of a replicate; `replication` carries out, stores, resumes and replays a plan.
- `diagnosis` turns any table of replicates into bias, coverage and power with their Monte Carlo errors, computes how
  many replicates a wanted error takes, ranks strategies and names their faults.
- `planning` turns a target into the size of a study.
- `ledger` decomposes a published contrast into the components of its bias and the true effect.
- `scorecard` measures how well the causal checks distinguish biased from sound estimates.
- `suite` is a fixed benchmark of datasets, checked by hash.
"""
