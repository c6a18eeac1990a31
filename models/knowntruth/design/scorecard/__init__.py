"""How well each causal check tells a biased estimate from a sound one, over worlds whose bias is known.

    rows = examine(range(200), Path("scorecard"))   # a row a world, outcome and check; goes on from where it was
    scorecard(rows)                                 # ROC, hits and false alarms of each check, with intervals

`drawn` makes the worlds, `examined` puts one to every check, `bias` says how far off its estimate really is, `scores`
reads from each check how suspicious it finds it, and `stored` is a result that ships with the package.
"""
