"""One row for every result, so that a table of checks reads the same whatever was checked.

A `Check` holds the question, the result with its limits, and the rule by which it passes or raises an alarm. For the
same data and seed every column but ``seconds`` is the same, byte for byte.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from math import nan
from typing import Final, Literal

import pandas as pd

Verdict = Literal["pass", "alarm", "info", "unavailable"]


@dataclass(frozen=True, slots=True)
class Check:
    """One question about a study, and its result.

    ``value`` is in the unit that ``statistic`` names; ``lower`` and ``upper`` are its limits, by default of
    a 95% interval, and missing where no interval is meant. ``null`` is the null hypothesis, ``rule``
    states when the verdict is an alarm, and ``false_alarms`` is the probability of an alarm under the null,
    missing where the rule is no test. ``n`` counts the rows used. ``seconds`` is wall time and no part of the result.

    Examples
    --------
    >>> Check("placebo treatment", "Is anything left?", "expertise", "success", "effect", 0.0, verdict="pass").verdict
    'pass'
    """

    name: str
    question: str
    treatment: str
    outcome: str
    statistic: str
    value: float = nan
    lower: float = nan
    upper: float = nan
    verdict: Verdict = "info"
    rule: str = "none: for information"
    null: str = ""
    false_alarms: float = nan
    n: int = 0
    note: str = ""
    seconds: float = 0.0


COLUMNS: Final = tuple(field.name for field in fields(Check))
"""The columns of a table of checks, in their order."""


def frame(checks: Iterable[Check], timings: bool = True) -> pd.DataFrame:
    """Return the checks as a table, one row each, in the order given, numbers to ten significant digits.

    Further digits depend on how many threads the linear algebra uses.

    Parameters
    ----------
    checks
        Any number of checks.
    timings
        Keep the column ``seconds``. A stored table leaves it out, since it alone differs between two runs.

    Examples
    --------
    >>> list(frame([Check("a", "?", "x", "y", "effect")], timings=False).columns)[-2:]
    ['n', 'note']
    """
    table = pd.DataFrame([astuple(check) for check in checks], columns=list(COLUMNS))
    for column in ("value", "lower", "upper", "false_alarms"):
        table[column] = [float(f"{number:.10g}") for number in table[column]]
    return table if timings else table.drop(columns="seconds")
