"""The flag ``perfect`` of every instrument: report the truth instead of a reading with error."""

from typing import Any

from pydantic import Field

from knowntruth.common.arrays import Values
from knowntruth.engine.dials import Dials


def yes_no(meaning: str) -> Any:
    """Declare a yes/no dial with the given meaning."""
    return Field(description=meaning, json_schema_extra={"unit": "yes/no", "source": "design"})


class InstrumentDials(Dials):
    """Dials of an instrument; ``perfect`` makes it report the truth that it measures."""

    perfect: bool = yes_no("report the truth")


def perfect_or(dials: InstrumentDials, truth: Values, reading: Values) -> Values:
    """Return the truth if the instrument is perfect, else its reading."""
    return truth.astype(reading.dtype) if dials.perfect else reading
