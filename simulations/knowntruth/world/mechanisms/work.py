"""Work: what a session did to a codebase, and which occupation normally does such work.

These variables are true values. How classifiers read them is modelled in ``knowntruth.instruments``.
"""

from typing import Final

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.datasets.schema.categories import CODEBASE, OCCUPATIONS, SOFTWARE
from knowntruth.engine.dials import Dials, SomeModes, by_mode, chance, table
from knowntruth.engine.links import logistic
from knowntruth.engine.mechanism import Parents, mechanism
from knowntruth.engine.noise import Noise
from knowntruth.engine.trades import OWN_TRADE

MODIFY, CREATE, EXPLORE, NONE = range(len(CODEBASE))
ENGINEER: Final = OCCUPATIONS.index(SOFTWARE)


class CodebaseWork(Dials):
    """What the lines of a session were, and what a session without lines was about."""

    aside: SomeModes = table("log odds that lines belong to no codebase: notes, prose, scripts", "log odds")
    creates: SomeModes = table("log odds that lines of a codebase begin a new one", "log odds")
    explores: SomeModes = table("log odds that a session without lines is about a codebase at all", "log odds")


@mechanism(
    "session",
    parents=("intended_mode", "lines_added"),
    dials=CodebaseWork,
    unit="category",
    categories=CODEBASE,
    meaning="what the session did to a codebase",
)
def codebase_work(dials: CodebaseWork, at: Parents, noise: Noise) -> Values:
    """Sessions that create or modify a codebase add lines; others can only explore one."""
    aside, creates, explores = (
        logistic(by_mode(odds))[at.intended_mode] for odds in (dials.aside, dials.creates, dials.explores)
    )
    draw = noise.uniform()
    wrote = np.where(draw < aside, NONE, np.where(draw < aside + (1.0 - aside) * creates, CREATE, MODIFY))
    return np.where(at.lines_added > 0, wrote, np.where(draw < explores, EXPLORE, NONE)).astype(np.int8)


class WorkOccupation(Dials):
    """Whose work it normally is."""

    software_code: float = chance("share of code work that is normally a software engineer's")
    own: float = chance("share of other work that is the user's own occupation's")


@mechanism(
    "session",
    parents=("occupation", "intended_mode"),
    dials=WorkOccupation,
    unit="category",
    categories=OCCUPATIONS,
    meaning="occupation that normally does this work",
)
def work_occupation(dials: WorkOccupation, at: Parents, noise: Noise) -> Values:
    """Code work is mostly software engineers' work; other work is mostly that of the user's own occupation."""
    codes = OWN_TRADE[ENGINEER, at.intended_mode] > 0
    draw = noise.uniform()
    others = noise.uniform("which") * len(OCCUPATIONS)
    coding = np.where(draw < dials.software_code, ENGINEER, at.occupation)
    talking = np.where(draw < dials.own, at.occupation, others)
    return np.where(codes, coding, talking).astype(np.int8)
