"""The study sample: which sessions of the traffic the study takes.

Every session has the same probability. So people with many sessions are in the sample often, and many people with one
or two sessions are not in it. Headless sessions are excluded afterwards (`sampling.interactive`).
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
    """Simple random sampling of sessions."""
    return noise.happens(np.full(len(noise.users), dials.share))
