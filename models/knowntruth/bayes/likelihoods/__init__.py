"""The likelihoods as compiled functions with their gradients, one family a file."""
