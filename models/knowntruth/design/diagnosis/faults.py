"""Cells of the diagnosis map: one strategy in one world, its verdict and its faults.

A strategy survives in a world if its intervals contain the truth about as often as they state. The faults are a
closed list. Each is one row with a rule on diagnosands and their Monte Carlo errors, so that chance is not called a
fault.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from knowntruth.design.diagnosis.diagnosands import DIAGNOSANDS
from knowntruth.design.diagnosis.diagnose_table import NEVER_MIXED, case_columns, diagnose_table
from knowntruth.design.sources.subgroups import EVERYONE

if TYPE_CHECKING:
    import pandas as pd

SURVIVES, FAILS, OPEN = "survives", "fails", "open"
"""Verdicts; ``open`` where more replicates are needed to decide."""

MIN_COVERAGE: Final = 0.9
"""Coverage below which a 95% interval fails."""

MAX_FAILURES: Final = 0.5
"""Share of replicates without an answer above which a strategy fails."""

MIN_POWER: Final = 0.8
MIN_ERROR_RATIO, MAX_ERROR_RATIO = 0.9, 1.25
"""Stated standard error over the spread of estimates, outside which errors are misstated."""

MAX_EXAGGERATION: Final = 1.5
MAX_WRONG_SIGNS: Final = 0.05
MAX_FALSE_ALARMS: Final = 0.05

N_ERRORS: Final = 2.0
"""Monte Carlo errors that a deviation must exceed to be a fault."""


@dataclass(frozen=True, slots=True)
class DiagnosandValue:
    """One diagnosand of a cell."""

    value: float
    mcse: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One strategy, in one case, for one estimand; ``case`` identifies the case by its columns.

    ``found`` are its diagnosands by name, ``rows`` its replicates.
    """

    case: Mapping[str, Any]
    strategy: str
    estimand: str
    contrast: str
    subgroup: str
    found: Mapping[str, DiagnosandValue]
    rows: "pd.DataFrame"

    @property
    def truth(self) -> float:
        """The true value, missing where the strategy never had an answer."""
        return float(self.rows["truth"].mean())

    @property
    def has_effect(self) -> bool:
        """Whether the true effect is not zero."""
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
        """The faults, most serious first."""
        return tuple(fault for fault in FAULTS if fault.holds(self))


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: its name, its meaning, and the rule for its presence."""

    name: str
    meaning: str
    holds: Callable[[Cell], bool]


def diagnose_cells(table: "pd.DataFrame") -> list[Cell]:
    """Return the cells of a table of replicates, in its order.

    Examples
    --------
    >>> from knowntruth.design.diagnose import diagnose
    >>> study = {"sessions": 300, "estimands": ["verified_difference"], "truth_sessions": 300}
    >>> [cell.strategy for cell in diagnose_cells(diagnose(["null"], ["naive"], 2, workers=1, **study).table)]
    ['naive']
    """
    diagnosis = diagnose_table(table, diagnosands=DIAGNOSANDS)
    table = table if "subgroup" in table else table.assign(subgroup=EVERYONE)
    keys = [*case_columns(table), *NEVER_MIXED]
    found = {key: _found(rows) for key, rows in diagnosis.groupby(keys, sort=False, dropna=False)}
    return [
        _cell(dict(zip(keys, key, strict=True)), found[key], rows)
        for key, rows in cast("Iterable[Any]", table.groupby(keys, sort=False, dropna=False))
    ]


def _cell(key: dict[str, Any], found: Mapping[str, DiagnosandValue], rows: "pd.DataFrame") -> Cell:
    strategy, estimand, contrast, subgroup = (str(key.pop(name)) for name in NEVER_MIXED)
    return Cell(key, strategy, estimand, contrast, subgroup, found, rows)


def _found(rows: "pd.DataFrame") -> dict[str, DiagnosandValue]:
    names = ("value", "mcse", "lower", "upper")
    return {
        row["diagnosand"]: DiagnosandValue(*(float(row[name]) for name in names)) for row in rows.to_dict("records")
    }


def _no_answer(cell: Cell) -> bool:
    return cell.found["failure_rate"].value > 0


def _biased(cell: Cell) -> bool:
    bias = cell.found["bias"]
    return abs(bias.value) > N_ERRORS * bias.mcse


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
    return ratio + N_ERRORS * error < 1 and ratio < MIN_ERROR_RATIO


def _wide(cell: Cell) -> bool:
    ratio, error = _stated(cell)
    return ratio - N_ERRORS * error > 1 and ratio > MAX_ERROR_RATIO


def _weak(cell: Cell) -> bool:
    return cell.has_effect and cell.found["power"].upper < MIN_POWER


def _false_alarms(cell: Cell) -> bool:
    return not cell.has_effect and cell.found["power"].lower > MAX_FALSE_ALARMS


def _wrong_signs(cell: Cell) -> bool:
    signs = cell.found["type_s"]
    return signs.value - N_ERRORS * signs.mcse > MAX_WRONG_SIGNS or signs.value > 1 - MAX_WRONG_SIGNS


def _exaggerates(cell: Cell) -> bool:
    size = cell.found["type_m"]
    return size.value - N_ERRORS * size.mcse > MAX_EXAGGERATION


FAULTS: Final = (
    Fault("no answer", "some data get no answer", _no_answer),
    Fault("bias", "wrong on average, however many sessions", _biased),
    Fault("too few hits", "intervals contain the truth less often than they state", _misses),
    Fault("false alarms", "an effect is found where there is none", _false_alarms),
    Fault("wrong signs", "significant estimates have the wrong sign", _wrong_signs),
    Fault("exaggeration", "significant estimates are too large", _exaggerates),
    Fault("errors too small", "stated errors are smaller than the spread of estimates", _narrow),
    Fault("errors too large", "stated errors are larger than the spread of estimates", _wide),
    Fault("weak", "the effect exists and is mostly not found", _weak),
)
"""All faults, most serious first; a new fault is one row."""
