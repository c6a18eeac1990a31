"""Labels of the work and of who decides: work mode, occupation of the work, decision attribution."""

import numpy as np

from knowntruth.datasets.categories import MODES, OCCUPATIONS
from knowntruth.instruments.switch import Switch, perfect_or
from knowntruth.world.dials import Dials, chance, dial
from knowntruth.world.mechanism import Parents, Values, mechanism
from knowntruth.world.noise import Noise
from knowntruth.world.tasks import OWN_TRADE, logistic, logit

FIX = MODES.index("fix")
TURNS_INTO_FIX = np.isin(MODES, ("build", "test", "operate", "orchestrate"))


class Mode(Switch):
    """How the work that was done becomes a mode."""

    becomes_fix: float = chance("chance that code work that ended in trouble is labelled fix")
    stumbles_into_fix: float = chance("the same for each error that was caught on the way")
    mislabelled: float = chance("share labelled at random")


@mechanism("label", parents=("intended_mode", "open_trouble", "caught"), dials=Mode, measures="intended_mode")
def mode(dials: Mode, at: Parents, noise: Noise) -> Values:
    """By where most of the work went, so a failing build can become a fix (study.md, threat 4)."""
    drift = 1.0 - (1.0 - dials.stumbles_into_fix) ** at.caught * (1.0 - dials.becomes_fix * at.open_trouble)
    fixed = noise.happens(drift, "fix") & TURNS_INTO_FIX[at.intended_mode]
    label = np.where(fixed, FIX, at.intended_mode)
    anything = (noise.uniform("which") * len(MODES)).astype(np.int8)
    wrong = noise.happens(np.full(len(label), dials.mislabelled), "wrong")
    return perfect_or(dials, at.intended_mode, np.where(wrong, anything, label).astype(np.int8))


class UnclearChance(Switch):
    """When context does not say what a user does for a living."""

    unclear: float = chance("share left unclear at a text of 4,000 characters", source="occupation_unclear_share")
    by_context: float = dial("change with each doubling of the text", "log odds per doubling", -3, 3)
    off_trade: float = dial("change where the work is not of the user's own trade", "log odds", -3, 3)


@mechanism("label", parents=("occupation", "intended_mode", "transcript_characters"), dials=UnclearChance,
           unit="probability", meaning="chance that the user's occupation is left unclear")  # fmt: skip
def unclear_chance(dials: UnclearChance, at: Parents, noise: Noise) -> Values:
    """More context, fewer Unclear."""
    own = OWN_TRADE[at.occupation, at.intended_mode]
    log_odds = (
        logit(dials.unclear)
        + dials.by_context * np.log2(at.transcript_characters / 4000.0)
        + dials.off_trade * (1.0 - own)
    )
    return logistic(log_odds) * (not dials.perfect)


class Mistaken(Switch):
    """Who is taken for somebody else."""

    taken_for_software: float = chance("share of others at code work taken for software engineers")


@mechanism("label", parents=("occupation", "intended_mode", "unclear_chance"), dials=Mistaken, measures="occupation")
def user_occupation(dials: Mistaken, at: Parents, noise: Noise) -> Values:
    """Coding alone should not count, but sometimes does."""
    software = OCCUPATIONS.index("software_math")
    codes = OWN_TRADE[software, at.intended_mode] > 0
    mistaken = noise.happens(dials.taken_for_software * codes, "mistaken")
    seen = np.where(mistaken, software, at.occupation)
    unclear = noise.happens(at.unclear_chance, "unclear")
    return perfect_or(dials, at.occupation, np.where(unclear, len(OCCUPATIONS), seen).astype(np.int8))


class TaskOccupation(Dials):
    """How the work done is given to the occupation that normally does it."""

    software_code: float = chance("share of code work that is normally a software engineer's")
    own: float = chance("share of other work that is the user's own occupation's")


@mechanism("label", parents=("occupation", "mode"), dials=TaskOccupation)
def task_occupation(dials: TaskOccupation, at: Parents, noise: Noise) -> Values:
    """Code work is mostly software engineers' work; the rest mostly the user's own. No abstention."""
    software = OCCUPATIONS.index("software_math")
    codes = OWN_TRADE[software, at.mode] > 0
    luck = noise.uniform()
    others = (noise.uniform("which") * len(OCCUPATIONS)).astype(np.int8)
    coding = np.where(luck < dials.software_code, software, at.occupation)
    talking = np.where(luck < dials.own, at.occupation, others)
    return np.where(codes, coding, talking).astype(np.int8)


class Attribution(Switch):
    """How decisions are listed and credited."""

    most: int = dial("most decisions that a session's list can hold", "decisions", 1, 100)
    spread: float = dial("error in the share", "log odds", 0, 5)


def _credited(dials: Attribution, share: Values, prompts: Values, noise: Noise) -> Values:
    """Return the share of a short list of decisions, whole numbers of them, that goes to the user."""
    listed = np.minimum(prompts + 3, dials.most)
    seen = logistic(logit(share) + dials.spread * noise.normal())
    return perfect_or(dials, share, np.round(seen * listed) / listed)


@mechanism("label", parents=("planning_share", "prompts"), dials=Attribution, measures="planning_share")
def planning_share_user(dials: Attribution, at: Parents, noise: Noise) -> Values:
    """Planning decisions: goal, approach, when it is done."""
    return _credited(dials, at.planning_share, at.prompts, noise)


@mechanism("label", parents=("execution_share", "prompts"), dials=Attribution, measures="execution_share")
def execution_share_user(dials: Attribution, at: Parents, noise: Noise) -> Values:
    """Execution decisions: files, code, language, commands."""
    return _credited(dials, at.execution_share, at.prompts, noise)
