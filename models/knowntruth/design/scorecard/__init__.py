"""How well each causal check separates biased from sound estimates, over worlds whose bias is known.

    rows = examine(range(200), Path("scorecard"))   # one row per world, outcome and check; resumes if interrupted
    scorecard(rows)                                 # ROC area, hits and false alarms of each check, with intervals

`random_worlds` generates the worlds, `examine` applies every check to one, `bias` measures the true bias of its
estimate, `scores` turns each check into a number, and `stored` is a result that ships with the package.
"""
