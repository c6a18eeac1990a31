"""The benchmark suite: a fixed, versioned set of datasets, generated from seeds and checked by hash.

``suite.toml`` lists worlds, sizes and seeds (`entries`); ``hashes.json`` has the hashes of each dataset (`content`).
A recalibrated world or a changed mechanism gives other datasets, and the check reports it. If the change is intended,
raise the version and run ``knowntruth renew suite``. Scores of different versions are not
comparable. `leaderboard` grades the built-in strategies like any other submission.
"""
