"""Cells of the map: one strategy in one world, whether it survives there, and what went wrong.

A strategy survives a world if its intervals hold the truth there about as often as they promise. What goes wrong is a
closed list of faults, each a row with a rule on diagnosands and their Monte Carlo errors, so that nothing is called a
fault that may be chance.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from knowntruth.design.diagnosis.diagnosands import DIAGNOSANDS
from knowntruth.design.diagnosis.diagnose_table import WITHIN, diagnose_table, parameters
from knowntruth.design.sources.subgroups import EVERYONE

if TYPE_CHECKING:
    import pandas as pd

SURVIVES, FAILS, OPEN = "survives", "fails", "open"
"""Verdicts; the last where more replicates are needed to tell."""

MIN_COVERAGE: Final = 0.9
"""A 95% interval that holds the truth less often than this does not do what it says."""

MAX_FAILURES: Final = 0.5
"""Share of replicates without an answer from which a strategy fails."""

ENOUGH_POWER: Final = 0.8
NARROW, WIDE = 0.9, 1.25
"""Stated standard error over the spread of estimates, outside which errors are misstated."""

EXAGGERATED: Final = 1.5
WRONG_SIGNS: Final = 0.05
FALSE_ALARMS: Final = 0.05

CLEAR: Final = 2.0
"""Monte Carlo errors by which something has to be off to be called so."""


@dataclass(frozen=True, slots=True)
class Found:
    """One diagnosand of a cell."""

    value: float
    mcse: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One strategy, in one case, asked about one estimand; ``case`` names the case by its columns.

    ``found`` are its diagnosands by name, ``rows`` its replicates.
    """

    case: Mapping[str, Any]
    strategy: str
    estimand: str
    contrast: str
    subgroup: str
    found: Mapping[str, Found]
    rows: "pd.DataFrame"

    @property
    def truth(self) -> float:
        """The true value, missing where the strategy never had an answer."""
        return float(self.rows["truth"].mean())

    @property
    def effective(self) -> bool:
        """Whether there is an effect to find."""
        return bool((self.rows["truth"] != self.rows["no_effect"]).any())

    @property
    def verdict(self) -> str:
        """`SURVIVES`, `FAILS` or `OPEN`."""
        coverage = self.found["coverage"]
        if self.found["failure_rate"].value > MAX_FAILURES or coverage.upper < MIN_COVERAGE:
            return FAILS
        return SURVIVES if coverage.lower >= MIN_COVERAGE else OPEN

    @property
    def faults(self) -> "tuple[Fault, ...]":
        """What went wrong, the gravest first."""
        return tuple(fault for fault in FAULTS if fault.holds(self))


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that can go wrong: its name, what it means, and when it is there."""

    name: str
    meaning: str
    holds: Callable[[Cell], bool]


def cells(table: "pd.DataFrame") -> list[Cell]:
    """Return the cells of a table of replicates, in its order.

    Examples
    --------
    >>> from knowntruth.design.diagnose import diagnose
    >>> study = {"sessions": 300, "estimands": ["verified_difference"], "truth_sessions": 300}
    >>> [cell.strategy for cell in cells(diagnose(["null"], ["naive"], 2, workers=1, **study).table)]
    ['naive']
    """
    told = diagnose_table(table, diagnosands=DIAGNOSANDS)
    table = table if "subgroup" in table else table.assign(subgroup=EVERYONE)
    keys = [*parameters(table), *WITHIN]
    found = {key: _found(rows) for key, rows in told.groupby(keys, sort=False, dropna=False)}
    return [
        _cell(dict(zip(keys, key, strict=True)), found[key], rows)
        for key, rows in cast("Iterable[Any]", table.groupby(keys, sort=False, dropna=False))
    ]


def _cell(key: dict[str, Any], found: Mapping[str, Found], rows: "pd.DataFrame") -> Cell:
    strategy, estimand, contrast, subgroup = (str(key.pop(name)) for name in WITHIN)
    return Cell(key, strategy, estimand, contrast, subgroup, found, rows)


def _found(rows: "pd.DataFrame") -> dict[str, Found]:
    names = ("value", "mcse", "lower", "upper")
    return {row["diagnosand"]: Found(*(float(row[name]) for name in names)) for row in rows.to_dict("records")}


def _no_answer(cell: Cell) -> bool:
    return cell.found["failure_rate"].value > 0


def _biased(cell: Cell) -> bool:
    bias = cell.found["bias"]
    return abs(bias.value) > CLEAR * bias.mcse


def _misses(cell: Cell) -> bool:
    return cell.found["coverage"].upper < 0.95


def _stated(cell: Cell) -> tuple[float, float]:
    """Return the stated standard error over the spread of estimates, and the error of that."""
    spread, said = cell.found["sd"], cell.found["mean_error"]
    if not spread.value > 0:
        return float("nan"), float("nan")
    ratio = said.value / spread.value
    return ratio, ratio * spread.mcse / spread.value


def _narrow(cell: Cell) -> bool:
    ratio, error = _stated(cell)
    return ratio + CLEAR * error < 1 and ratio < NARROW


def _wide(cell: Cell) -> bool:
    ratio, error = _stated(cell)
    return ratio - CLEAR * error > 1 and ratio > WIDE


def _weak(cell: Cell) -> bool:
    return cell.effective and cell.found["power"].upper < ENOUGH_POWER


def _false_alarms(cell: Cell) -> bool:
    return not cell.effective and cell.found["power"].lower > FALSE_ALARMS


def _wrong_signs(cell: Cell) -> bool:
    signs = cell.found["type_s"]
    return signs.value - CLEAR * signs.mcse > WRONG_SIGNS or signs.value > 1 - WRONG_SIGNS


def _exaggerates(cell: Cell) -> bool:
    size = cell.found["type_m"]
    return size.value - CLEAR * size.mcse > EXAGGERATED


FAULTS: Final = (
    Fault("no answer", "some data get no answer", _no_answer),
    Fault("bias", "off on average, however many sessions", _biased),
    Fault("too few hits", "intervals hold the truth less often than they promise", _misses),
    Fault("false alarms", "an effect is found where there is none", _false_alarms),
    Fault("wrong signs", "what is found points the wrong way", _wrong_signs),
    Fault("exaggeration", "what is found is found too large", _exaggerates),
    Fault("errors too small", "stated errors are smaller than the spread of estimates", _narrow),
    Fault("errors too large", "stated errors are larger than the spread of estimates", _wide),
    Fault("weak", "the effect is there and mostly not found", _weak),
)
"""Everything that can go wrong, the gravest first; another is one more row."""
