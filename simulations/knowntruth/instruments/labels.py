"""Labels of the work and of who decides: work mode, relation to a codebase, decision attribution."""

import numpy as np

from knowntruth.common.arrays import Values
from knowntruth.datasets.schema.categories import CODE_MODES, CODEBASE, MODES
from knowntruth.engine.dials import chance, dial
from knowntruth.engine.links import logistic, logit
from knowntruth.engine.mechanism import Parents, mechanism
from knowntruth.engine.noise import Noise
from knowntruth.instruments.perfect import InstrumentDials, perfect_or
from knowntruth.instruments.rater_noise import SharedError, read_normal, read_uniform

FIX = MODES.index("fix")
TURNS_INTO_FIX = np.isin(MODES, ("build", "test", "operate", "orchestrate"))
CODES = np.isin(MODES, CODE_MODES)


def mislabel(noise: Noise, dials: SharedError, label: Values, share: float, kinds: int) -> Values:
    """Return the labels with a random ``share`` replaced by one of ``kinds`` categories, uniformly."""
    draw = read_uniform(noise, dials.alike, "wrong")
    return np.where(draw < share, draw / max(share, 1e-300) * kinds, label).astype(np.int8)


class Mode(InstrumentDials, SharedError):
    """How the work that was done becomes a mode."""

    becomes_fix: float = chance("chance that code work that ended in trouble is labelled fix")
    stumbles_into_fix: float = chance("the same for each error that was caught on the way")
    mislabelled: float = chance("share labelled at random")


@mechanism("label", parents=("intended_mode", "open_trouble", "caught"), dials=Mode, measures="intended_mode")
def mode(dials: Mode, at: Parents, noise: Noise) -> Values:
    """The mode of most of the work, so a failing build can become a fix (study.md, threat 4).

    This drift is a property of the session, the same for every reader.
    """
    drift = 1.0 - (1.0 - dials.stumbles_into_fix) ** at.caught * (1.0 - dials.becomes_fix * at.open_trouble)
    fixed = noise.happens(drift, "fix") & TURNS_INTO_FIX[at.intended_mode]
    label = np.where(fixed, FIX, at.intended_mode)
    return perfect_or(dials, at.intended_mode, mislabel(noise, dials, label, dials.mislabelled, len(MODES)))


class Codebase(InstrumentDials, SharedError):
    """How what was done to a codebase is read."""

    by_request: float = chance("share of requests for code labelled as if it had been written, though none was")
    mislabelled: float = chance("share labelled at random")


@mechanism("label", parents=("codebase_work", "intended_mode"), dials=Codebase, measures="codebase_work")
def codebase(dials: Codebase, at: Parents, noise: Noise) -> Values:
    """Mostly what was done; sometimes what was requested, which telemetry then does not confirm."""
    idle = CODES[at.intended_mode] & (at.codebase_work >= CODEBASE.index("explore"))
    taken = (read_uniform(noise, dials.alike, "request") < dials.by_request) & idle
    label = np.where(taken, CODEBASE.index("modify_existing"), at.codebase_work)
    return perfect_or(dials, at.codebase_work, mislabel(noise, dials, label, dials.mislabelled, len(CODEBASE)))


class Attribution(InstrumentDials, SharedError):
    """How decisions are listed and credited."""

    most: int = dial("most decisions that a session's list can hold", "decisions", 1, 100)
    spread: float = dial("error in the share", "log odds", 0, 5)


def _credited(dials: Attribution, share: Values, prompts: Values, noise: Noise) -> Values:
    """Return the share of decisions credited to the user, out of a short list with a whole number of decisions."""
    listed = np.minimum(prompts + 3, dials.most)
    seen = logistic(logit(share) + dials.spread * read_normal(noise, dials.alike))
    return perfect_or(dials, share, np.round(seen * listed) / listed)


@mechanism("label", parents=("planning_share", "prompts"), dials=Attribution, measures="planning_share")
def planning_share_user(dials: Attribution, at: Parents, noise: Noise) -> Values:
    """Planning decisions: goal, approach, when it is done."""
    return _credited(dials, at.planning_share, at.prompts, noise)


@mechanism("label", parents=("execution_share", "prompts"), dials=Attribution, measures="execution_share")
def execution_share_user(dials: Attribution, at: Parents, noise: Noise) -> Values:
    """Execution decisions: files, code, language, commands."""
    return _credited(dials, at.execution_share, at.prompts, noise)
