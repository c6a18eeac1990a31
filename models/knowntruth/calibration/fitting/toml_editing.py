"""A world's file with some numbers changed, everything else as its author wrote it.

Only lines that hold a changed dial are touched: the number (or the whole list or inline table that it stands in) and,
behind it, a comment with its error. A dial that the file leaves to the world it is based on is added to its section.
"""

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final

from knowntruth.world.definition.world import World

HEADER: Final = re.compile(r"^\[([^\]]+)\]\s*$")
NOTE: Final = "# calibrated:"
DIGITS: Final = 6
"""Significant digits of a number that is written."""


def rewritten(text: str, world: World, settings: Mapping[str, float], errors: Mapping[str, float]) -> str:
    """Return a world file's ``text`` with the numbers at the paths of ``settings``, each with its error.

    ``world`` is the world as the file has it; its lists and tables stand in where the file leaves a dial out.
    """
    lines = text.splitlines()
    tree = world.values()
    for path, number in settings.items():
        section, dial, entry = [*path.split("."), ""][:3]
        _set(lines, (section, dial, entry), tree[section][dial], rounded(number), errors.get(path))
    return "\n".join(lines) + "\n"


def rounded(number: float) -> float:
    """Return a number to `DIGITS` significant digits, as it is written."""
    return float(f"{number:.{DIGITS}g}")


def _set(lines: list[str], path: tuple[str, str, str], default: Any, number: float, error: float | None) -> None:
    section, dial, entry = path
    note = "" if error is None else f"± {error:.2g}"
    own = _span(lines, f"{section}.{dial}") if entry else None
    if own:  # a table with a section of its own, an entry a line
        _put(lines, own, entry, _shown(number), note)
        return
    span = _span(lines, section) or _appended(lines, section)
    old, kept = _line(lines, span, dial)
    if not entry:
        _put(lines, span, dial, _shown(number), note)
        return
    here = default if old is None else old
    here = (
        [number if k == int(entry) else x for k, x in enumerate(here, 1)]
        if isinstance(here, list)
        else {**here, entry: number}
    )
    names = [part for part in kept.split(", ") if part and not part.startswith(f"{entry} ")]
    _put(lines, span, dial, _shown(here), ", ".join([*names, f"{entry} {note}"] if note else names))


def _span(lines: list[str], section: str) -> tuple[int, int] | None:
    """Return the lines of a section, without its header."""
    for k, line in enumerate(lines):
        found = HEADER.match(line)
        if found and found[1] == section:
            end = next((j for j in range(k + 1, len(lines)) if HEADER.match(lines[j])), len(lines))
            return k + 1, end
    return None


def _appended(lines: list[str], section: str) -> tuple[int, int]:
    lines += ["", f"[{section}]"]
    return len(lines), len(lines)


def _line(lines: list[str], span: tuple[int, int], key: str) -> tuple[Any, str]:
    """Return the value that stands at ``key`` and what its note says; None where it does not stand."""
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


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_shown(x)}" for key, x in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_shown(x) for x in value) + "]"
    return repr(rounded(float(value)))
