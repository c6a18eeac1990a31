"""Dials: the parameters of one mechanism, each with meaning, unit, range and source.

A mechanism is handed its own dials only, so turning a dial can move nothing but that mechanism and what follows
from it. A dial has no default in code: every value stands in ``worlds/published.toml``, and a named world says what
differs.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from knowntruth.common.arrays import Floats
from knowntruth.datasets.schema.categories import MODES, MONTHS, OCCUPATIONS


class Dials(BaseModel):
    """The parameters of one mechanism; unknown names, text for numbers, infinities and missing values are refused.

    Examples
    --------
    >>> class Pull(Dials):
    ...     halo: float = dial("pull of the visible outcome", "levels", -5, 5)
    >>> Pull(halo=0.5).halo
    0.5
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class NoDials(Dials):
    """A mechanism that has nothing to turn."""


def dial(meaning: str, unit: str, low: float, high: float, *, source: str = "assumed") -> Any:
    """Declare a number: its meaning, unit, inclusive range and source (a figures.csv key, or assumed).

    Examples
    --------
    >>> class Pull(Dials):
    ...     halo: float = dial("pull of the visible outcome", "levels", -5, 5)
    >>> field_facts(Pull.model_fields["halo"])
    ('pull of the visible outcome', 'levels', '-5 to 5', 'assumed')
    """
    return Field(ge=low, le=high, description=meaning, json_schema_extra={"unit": unit, "source": source})


def chance(meaning: str, *, source: str = "assumed") -> Any:
    """Declare a probability.

    Examples
    --------
    >>> class Rater(Dials):
    ...     unclear: float = chance("share of sessions left unclear")
    >>> Rater(unclear=0.1).unclear
    0.1
    """
    return dial(meaning, "probability", 0.0, 1.0, source=source)


def table(meaning: str, unit: str, *, source: str = "assumed") -> Any:
    """Declare a table of numbers by category, with its ``meaning``, ``unit`` and ``source``."""
    return Field(description=meaning, json_schema_extra={"unit": unit, "source": source})


def _complete(names: Sequence[str]) -> AfterValidator:
    """Every category must have its number, and no other name may stand in the table."""

    def check(value: dict[str, float]) -> dict[str, float]:
        _refuse_strangers(value, names)
        if missing := [name for name in names if name not in value]:
            raise ValueError(f"no number for {', '.join(missing)}")
        return value

    return AfterValidator(check)


def _known(names: Sequence[str]) -> AfterValidator:
    """Categories left out are zero; no other name may stand in the table."""

    def check(value: dict[str, Any]) -> dict[str, Any]:
        _refuse_strangers(value, names)
        return value

    return AfterValidator(check)


def _refuse_strangers(value: Mapping[str, object], names: Sequence[str]) -> None:
    if strangers := [name for name in value if name not in names]:
        raise ValueError(f"unknown {', '.join(strangers)}; allowed: {', '.join(names)}")


Effect = Annotated[float, Field(ge=-20, le=20)]
ByMode = Annotated[dict[str, Effect], _complete(MODES)]
ByOccupation = Annotated[dict[str, Effect], _complete(OCCUPATIONS)]
SomeModes = Annotated[dict[str, Effect], _known(MODES)]
SomeOccupations = Annotated[dict[str, Effect], _known(OCCUPATIONS)]
PerMonth = Annotated[list[float], Field(min_length=len(MONTHS), max_length=len(MONTHS))]
PerLevel = Annotated[list[Effect], Field(min_length=5, max_length=5)]


def along(names: Sequence[str], numbers: Mapping[str, float]) -> Floats:
    """Return ``numbers`` in the order of ``names``, zero where a name has none."""
    return np.array([numbers.get(name, 0.0) for name in names])


def by_mode(numbers: Mapping[str, float]) -> Floats:
    """Return one number a work mode, in the order of `MODES`."""
    return along(MODES, numbers)


def by_occupation(numbers: Mapping[str, float]) -> Floats:
    """Return one number an occupation, in the order of `OCCUPATIONS`."""
    return along(OCCUPATIONS, numbers)


def field_facts(info: FieldInfo) -> tuple[str, str, str, str]:
    """Return meaning, unit, allowed range and source of a declared dial, as text."""
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    low = next((m.ge for m in info.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in info.metadata if hasattr(m, "le")), None)
    allowed = f"{low:g} to {high:g}" if low is not None and high is not None else "a number for each category"
    return info.description or "", str(extra.get("unit", "")), allowed, str(extra.get("source", ""))
