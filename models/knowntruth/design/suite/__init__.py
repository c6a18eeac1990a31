"""The benchmark suite: a fixed, versioned set of datasets, made anew from seeds anywhere and checked by hash.

``suite.toml`` says which worlds, sizes and seeds (`entries`); ``hashes.json`` what each dataset holds (`content`).
A world that is calibrated anew, or a mechanism that changes, makes other datasets: the check then says so, and
whoever means it raises the version and runs ``python -m knowntruth.design.suite.renew_hashes``. Scores of two versions are
never laid side by side. `leaderboard` grades the built-in strategies as any other submission is graded.
"""
