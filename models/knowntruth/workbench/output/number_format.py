"""Numbers for people: few digits, with the error if there is one, and a dash for a missing value."""

from math import floor, isfinite, log10
from numbers import Real
from typing import Any, Final

NO_VALUE: Final = "–"


def number(value: Any, digits: int = 3) -> str:
    """Return ``value`` with about ``digits`` significant digits, thousands set apart; text stays as it is.

    Examples
    --------
    >>> number(398198), number(0.03791), number(12.0), number(1.1049), number(float("nan"))
    ('398,198', '0.0379', '12', '1.10', '–')
    """
    if isinstance(value, str) or isinstance(value, bool):
        return str(value) or NO_VALUE
    if not isinstance(value, Real) or not isfinite(value):  # None, or pandas' NA
        return NO_VALUE
    if value == 0:
        return "0"
    decimals = max(0, digits - 1 - floor(log10(abs(value))))
    decimals = min(decimals, 12)
    text = f"{value:,.{decimals}f}"
    exact = round(value, decimals) == value  # zeros at the end say something only of a number that was rounded
    return (_without_zeros(text) if exact else text).replace("-", "−")


def with_error(value: Any, error: Any) -> str:
    """Return a number with its standard error, both rounded to the second digit of the error.

    Examples
    --------
    >>> with_error(0.037912, 0.00093), with_error(2.4, float("nan"))
    ('0.0379 ± 0.0009', '2.4')
    """
    if error is None or isinstance(error, str) or not isfinite(error) or error <= 0 or not isfinite(value):
        return number(value)
    decimals = min(max(0, (0 if f"{error:.1e}"[0] != "1" else 1) - floor(log10(error))), 12)
    return f"{value:,.{decimals}f} ± {error:,.{decimals}f}".replace("-", "−")


def in_unit(text: str, unit: str) -> str:
    """Return a number as text followed by its short unit.

    Examples
    --------
    >>> in_unit("2.39", "ratio"), in_unit("9", "percent per level"), in_unit("18.4", "percentage points")
    ('2.39 times', '9 % per level', '18.4 points')
    """
    return f"{text} {_SHORT.get(unit, unit)}".rstrip()


_SHORT: Final = {
    "ratio": "times", "percent per level": "% per level", "percentage points": "points",
    "probability per level": "per level",
}  # fmt: skip


def _without_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
