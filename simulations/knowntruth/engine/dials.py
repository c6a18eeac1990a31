"""Dials: the parameters of one mechanism, each with meaning, unit, range, source and threat.

A mechanism receives its own dials only, so a dial changes that mechanism and its descendants and nothing else. A dial
has no default in code: every value stands in ``worlds/published.toml``, and a named world states what differs.

A declaration holds every fact about a dial but its value and the ranges in which a calibration searches
(``world/definition/search_ranges.toml``); `knowntruth.world.definition.dial_table` lists all facts together.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from knowntruth.common.arrays import Floats
from knowntruth.datasets.schema.categories import MODES, MONTHS, OCCUPATIONS

Threat = Literal["ability", "halo", "rating", "evidence", "tasks", "judging", "effects"]
"""What a dial can do to the study."""

THREATS: Final[Mapping[Threat, str]] = {
    "ability": "hidden ability",
    "halo": "halo and mood of the reader",
    "rating": "how expertise is rated",
    "evidence": "who leaves evidence",
    "tasks": "choice of tasks",
    "judging": "how outcomes are judged",
    "effects": "what expertise and requests do",
}
"""Each threat in words, in the order in which an extreme world is decomposed."""


class Dials(BaseModel):
    """The parameters of one mechanism; unknown names, text for numbers, infinities and missing values are refused.

    ``threat`` is that of every dial of the class that declares no other.

    Examples
    --------
    >>> class Pull(Dials):
    ...     halo: float = dial("pull of the visible outcome", "levels", -5, 5)
    >>> Pull(halo=0.5).halo
    0.5
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
    threat: ClassVar[Threat] = "effects"


class NoDials(Dials):
    """The dials of a mechanism without parameters."""


def dial(
    meaning: str,
    unit: str,
    low: float,
    high: float,
    *,
    source: str = "assumed",
    threat: Threat | None = None,
    panel: Mapping[str, float] | None = None,
) -> Any:
    """Declare a number.

    Parameters
    ----------
    low, high
        Inclusive range of possible values.
    source
        A key of ``figures.csv``, or assumed.
    threat
        What the dial can do to the study; that of its class if not given.
    panel
        The dials of the panel that turn this one (`knowntruth.workbench.panel.state.dials`), each with the change of
        this dial per unit of the panel's.

    Examples
    --------
    >>> class Pull(Dials):
    ...     halo: float = dial("pull of the visible outcome", "levels", -5, 5, threat="halo", panel={"halo": 1.0})
    >>> field_facts(Pull.model_fields["halo"])
    ('pull of the visible outcome', 'levels', '-5 to 5', 'assumed')
    """
    return Field(ge=low, le=high, description=meaning, json_schema_extra=_extra(unit, source, threat, panel))


def chance(
    meaning: str,
    *,
    source: str = "assumed",
    threat: Threat | None = None,
    panel: Mapping[str, float] | None = None,
) -> Any:
    """Declare a probability; the keywords are those of `dial`.

    Examples
    --------
    >>> class Rater(Dials):
    ...     unclear: float = chance("share of sessions left unclear")
    >>> Rater(unclear=0.1).unclear
    0.1
    """
    return dial(meaning, "probability", 0.0, 1.0, source=source, threat=threat, panel=panel)


def table(
    meaning: str,
    unit: str,
    *,
    source: str = "assumed",
    threat: Threat | None = None,
    panel: Mapping[str, Sequence[float]] | None = None,
) -> Any:
    """Declare a table of numbers by category; ``panel`` has a change per entry, the other keywords are as in `dial`.

    Examples
    --------
    >>> class Choice(Dials):
    ...     by_domain: PerLevel = table("shift per level", "SD", panel={"task_choice": (-2.0, -1.0, 0.0, 1.0, 2.0)})
    >>> Choice(by_domain=[0.0, 0.1, 0.2, 0.3, 0.4]).by_domain[4]
    0.4
    """
    return Field(description=meaning, json_schema_extra=_extra(unit, source, threat, panel))


def _extra(
    unit: str, source: str, threat: Threat | None, panel: Mapping[str, float] | Mapping[str, Sequence[float]] | None
) -> dict[str, Any]:
    turned = {name: list(by) if isinstance(by, Sequence) else by for name, by in (panel or {}).items()}
    return {"unit": unit, "source": source, "threat": threat, "panel": turned}


def _complete(names: Sequence[str]) -> AfterValidator:
    """Require a number for every category, and refuse other names."""

    def check(value: dict[str, float]) -> dict[str, float]:
        _refuse_unknown(value, names)
        if missing := [name for name in names if name not in value]:
            raise ValueError(f"no number for {', '.join(missing)}")
        return value

    return AfterValidator(check)


def _known(names: Sequence[str]) -> AfterValidator:
    """Refuse names that are not categories; categories left out are zero."""

    def check(value: dict[str, Any]) -> dict[str, Any]:
        _refuse_unknown(value, names)
        return value

    return AfterValidator(check)


def _refuse_unknown(value: Mapping[str, object], names: Sequence[str]) -> None:
    if unknown := [name for name in value if name not in names]:
        raise ValueError(f"unknown {', '.join(unknown)}; allowed: {', '.join(names)}")


Effect = Annotated[float, Field(ge=-20, le=20)]
ByMode = Annotated[dict[str, Effect], _complete(MODES)]
ByOccupation = Annotated[dict[str, Effect], _complete(OCCUPATIONS)]
SomeModes = Annotated[dict[str, Effect], _known(MODES)]
SomeOccupations = Annotated[dict[str, Effect], _known(OCCUPATIONS)]
PerMonth = Annotated[list[float], Field(min_length=len(MONTHS), max_length=len(MONTHS))]
PerLevel = Annotated[list[Effect], Field(min_length=5, max_length=5)]


def in_order(names: Sequence[str], numbers: Mapping[str, float]) -> Floats:
    """Return ``numbers`` in the order of ``names``; a missing name gives 0."""
    return np.array([numbers.get(name, 0.0) for name in names])


def by_mode(numbers: Mapping[str, float]) -> Floats:
    """Return one number per work mode, in the order of `MODES`."""
    return in_order(MODES, numbers)


def by_occupation(numbers: Mapping[str, float]) -> Floats:
    """Return one number per occupation, in the order of `OCCUPATIONS`."""
    return in_order(OCCUPATIONS, numbers)


def field_facts(info: FieldInfo) -> tuple[str, str, str, str]:
    """Return meaning, unit, allowed range and source of a declared dial, as text."""
    extra = declared(info)
    low = next((m.ge for m in info.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in info.metadata if hasattr(m, "le")), None)
    allowed = f"{low:g} to {high:g}" if low is not None and high is not None else "a number for each category"
    return info.description or "", str(extra.get("unit", "")), allowed, str(extra.get("source", ""))


def declared(info: FieldInfo) -> Mapping[str, Any]:
    """Return what a declaration states in addition to meaning and range: unit, source, threat and panel.

    Examples
    --------
    >>> class Pull(Dials):
    ...     halo: float = dial("pull of the visible outcome", "levels", -5, 5, threat="halo")
    >>> declared(Pull.model_fields["halo"])["threat"]
    'halo'
    """
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
