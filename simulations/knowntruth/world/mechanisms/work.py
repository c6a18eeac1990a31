"""Work: what a session turned out to be, seen from outside: what it did to a codebase, and whose work it was.

These are facts about the session. What classifiers make of them is an instrument's business.
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
    """Who creates or modifies a codebase adds lines; who adds none can only explore one."""
    aside, creates, explores = (
        logistic(by_mode(odds))[at.intended_mode] for odds in (dials.aside, dials.creates, dials.explores)
    )
    luck = noise.uniform()
    wrote = np.where(luck < aside, NONE, np.where(luck < aside + (1.0 - aside) * creates, CREATE, MODIFY))
    return np.where(at.lines_added > 0, wrote, np.where(luck < explores, EXPLORE, NONE)).astype(np.int8)


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
    """Code work is mostly software engineers' work; the rest mostly the user's own."""
    codes = OWN_TRADE[ENGINEER, at.intended_mode] > 0
    luck = noise.uniform()
    others = noise.uniform("which") * len(OCCUPATIONS)
    coding = np.where(luck < dials.software_code, ENGINEER, at.occupation)
    talking = np.where(luck < dials.own, at.occupation, others)
    return np.where(codes, coding, talking).astype(np.int8)
