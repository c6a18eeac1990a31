"""The Bayesian models, one a file; `registry` lists them."""
