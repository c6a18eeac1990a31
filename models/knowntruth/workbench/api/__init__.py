"""The functions and results behind ``knowntruth.api``, one subject a file.

Each function takes the data or the world first, then what is asked, then keywords; names and paths are taken wherever
a world, priors, a graph or rows are expected. Each result shows itself in a notebook and gives its table by
``to_frame()``.
"""
