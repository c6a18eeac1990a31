"""Draws from one distribution as draws from another: importance weights, smoothed and resampled."""

import numpy as np

from knowntruth.common.arrays import Floats, Ints


def smooth_weights(log_weights: Floats) -> tuple[Floats, float]:
    """Return Pareto-smoothed logarithms of weights, of the same shape, and k̂ of their tail.

    Vehtari, Simpson, Gelman, Yao and Gabry 2024 (arXiv:1507.02646): with k̂ above 0.7 no number of draws suffices.
    """
    from arviz_stats.base import array_stats

    found, tail = array_stats.psislw(-log_weights.ravel())  # it expects log likelihoods, which divide
    return np.asarray(found).reshape(log_weights.shape), float(tail)


def resample(log_weights: Floats, rng: np.random.Generator) -> Ints:
    """Return for each chain the positions of the draws to take, in their order; shape (chains, draws).

    Systematic resampling: of n draws, one with normalised weight w is taken n w times, rounded up or down at random.
    A draw that is taken twice stands next to itself, so effective sample sizes account for it.
    """
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    draws = weights.shape[1]
    reached = np.cumsum(weights, axis=1)
    places = (np.arange(draws) + rng.random((len(weights), 1))) / draws
    found = [np.searchsorted(up_to / up_to[-1], at) for up_to, at in zip(reached, places, strict=True)]
    return np.minimum(np.stack(found), draws - 1)
