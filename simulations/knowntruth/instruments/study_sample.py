"""The draw: which sessions of the traffic the study takes.

Every session has the same chance, whoever's it is: people who come often are in the sample often, and many who came
once or twice are not in it at all. Headless sessions are left out afterwards (`sampling.interactive`).
"""

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.engine.dials import Dials, dial
from knowntruth.engine.mechanism import Parents, mechanism
from knowntruth.engine.noise import Noise


class StudySample(Dials):
    """How much of the traffic is taken."""

    share: float = dial("share of all sessions that is drawn", "share", 0.001, 1)


@mechanism("session", dials=StudySample, unit="yes/no", meaning="the study's random draw took this session")
def drawn(dials: StudySample, at: Parents, noise: Noise) -> Values:
    """By lot, a session at a time."""
    return noise.happens(np.full(len(noise.users), dials.share))
