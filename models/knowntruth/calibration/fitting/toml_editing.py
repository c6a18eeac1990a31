"""Edit numbers in a world's TOML file and leave everything else as its author wrote it.

Only lines with a changed dial are edited: the number (or the list or inline table that contains it) and a comment
with its standard error. A dial that the file inherits from its base world is added to its section.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final

from knowntruth.world.definition.world import World

HEADER: Final = re.compile(r"^\[([^\]]+)\]\s*$")
NOTE: Final = "# calibrated:"
DIGITS: Final = 6
"""Significant digits of written numbers."""


def rewrite_dials(text: str, world: World, settings: Mapping[str, float], errors: Mapping[str, float]) -> str:
    """Return a world file's ``text`` with the numbers at the paths of ``settings``, each with its error.

    ``world`` is the world that the file defines; it supplies the lists and tables that the file inherits.
    """
    lines = text.splitlines()
    tree = world.values()
    for path, number in settings.items():
        section, dial, entry = [*path.split("."), ""][:3]
        _set(lines, (section, dial, entry), tree[section][dial], round_digits(number), errors.get(path))
    return "\n".join(lines) + "\n"


def round_digits(number: float) -> float:
    """Return a number rounded to `DIGITS` significant digits."""
    return float(f"{number:.{DIGITS}g}")


def _set(lines: list[str], path: tuple[str, str, str], default: Any, number: float, error: float | None) -> None:
    section, dial, entry = path
    note = "" if error is None else f"± {error:.2g}"
    own = _span(lines, f"{section}.{dial}") if entry else None
    if own:  # a table with its own section, one entry per line
        _put(lines, own, entry, _format(number), note)
        return
    span = _span(lines, section) or _append_section(lines, section)
    old, kept = _line(lines, span, dial)
    if not entry:
        _put(lines, span, dial, _format(number), note)
        return
    here = default if old is None else old
    here = (
        [number if k == int(entry) else x for k, x in enumerate(here, 1)]
        if isinstance(here, list)
        else {**here, entry: number}
    )
    names = [part for part in kept.split(", ") if part and not part.startswith(f"{entry} ")]
    _put(lines, span, dial, _format(here), ", ".join([*names, f"{entry} {note}"] if note else names))


def _span(lines: list[str], section: str) -> tuple[int, int] | None:
    """Return the lines of a section, without its header."""
    for k, line in enumerate(lines):
        found = HEADER.match(line)
        if found and found[1] == section:
            end = next((j for j in range(k + 1, len(lines)) if HEADER.match(lines[j])), len(lines))
            return k + 1, end
    return None


def _append_section(lines: list[str], section: str) -> tuple[int, int]:
    lines += ["", f"[{section}]"]
    return len(lines), len(lines)


def _line(lines: list[str], span: tuple[int, int], key: str) -> tuple[Any, str]:
    """Return the value at ``key`` and the text of its note; None if the key is absent."""
    for k in range(*span):
        if re.match(rf"{re.escape(key)}\s*=", lines[k]):
            _, _, note = lines[k].partition(NOTE)
            return tomllib.loads(lines[k])[key], note.strip()
    return None, ""


def _put(lines: list[str], span: tuple[int, int], key: str, value: str, note: str) -> None:
    new = f"{key} = {value}" + (f"  {NOTE} {note}" if note else "")
    for k in range(*span):
        if re.match(rf"{re.escape(key)}\s*=", lines[k]):
            lines[k] = new
            return
    last = max((k + 1 for k in range(*span) if lines[k].strip()), default=span[0])
    lines.insert(last, new)


def _format(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_format(x)}" for key, x in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_format(x) for x in value) + "]"
    return repr(round_digits(float(value)))
