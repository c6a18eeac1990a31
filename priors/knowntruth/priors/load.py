"""Read a table of priors by name or path, and check it.

A file may state ``based_on = "weak"`` and give only the rows that differ; a row replaces the whole row of the base.
Any other deviation from the schema in `tables` raises an `InputError` that names the file, the row, the given value
and what is allowed.
"""

import tomllib
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from knowntruth.common.errors import InputError
from knowntruth.priors.explain import explain
from knowntruth.priors.tables import Priors

FOLDER: Final = Path(__file__).parent
MAX_BASES: Final = 8
"""Maximum length of a chain of ``based_on``; longer chains are circles."""


def names() -> tuple[str, ...]:
    """Return the names of the tables that come with the package, sorted.

    Examples
    --------
    >>> names()
    ('published', 'sceptical', 'weak')
    """
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load(name_or_path: str | Path) -> Priors:
    """Return the priors called ``name_or_path``, or read from that TOML file.

    Raises
    ------
    InputError
        If there is no such table or file, or a row is missing, misspelt or impossible.

    Examples
    --------
    >>> load("weak").activity.effect.sd
    1.0
    """
    path = _locate(name_or_path)
    tables = _with_base(path, _read(path), depth=0)
    try:
        return Priors.model_validate({**tables, "name": path.stem})
    except ValidationError as error:
        raise InputError(explain(path.name, error)) from None


def _locate(name_or_path: str | Path) -> Path:
    """Return the path of the file; anything with a folder or the suffix .toml is a path, the rest a name."""
    text = str(name_or_path)
    if text in names():
        return FOLDER / f"{text}.toml"
    path = Path(text)
    if path.is_file():
        return path
    raise InputError(
        f"there are no priors {text!r}. Allowed: {', '.join(names())}, or the path of a TOML file"
        f" (see priors/README.md for one to copy)."
    )


def _read(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} is not valid TOML: {error}. Correct that line and try again.") from None
    except OSError as error:
        raise InputError(
            f"{path.name} cannot be read: {error.strerror}. Check the path and its permissions."
        ) from None


def _with_base(path: Path, tables: dict[str, Any], depth: int) -> dict[str, Any]:
    """Return ``tables`` merged over the tables that they are based on, row by row."""
    base = tables.pop("based_on", None)
    if base is None:
        return tables
    if not isinstance(base, str) or base not in names() or depth >= MAX_BASES:
        raise InputError(f"{path.name}: based_on = {base!r}; allowed: {', '.join(names())}, and no circles.")
    below = _with_base(FOLDER / f"{base}.toml", _read(FOLDER / f"{base}.toml"), depth + 1)
    return {**below, **{key: _overlay(below.get(key), value) for key, value in tables.items()}}


def _overlay(below: object, above: object) -> object:
    """Return one topic's rows with those of ``above`` in place of the same rows of ``below``."""
    return {**below, **above} if isinstance(below, dict) and isinstance(above, dict) else above
