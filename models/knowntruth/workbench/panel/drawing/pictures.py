"""The pictures of the panel: each contrast on a strip, both outcomes by level, and the ledger as a waterfall.

Axes change only in steps, so that while a dial moves only the numbers move.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, Final

from knowntruth.datasets.schema.categories import LEVEL_NAMES, LEVELS
from knowntruth.design.ledger.decompose import PUBLISHED, QUANTITIES, TRUE, Ledger
from knowntruth.study.claims.verdict import NO_EFFECT
from knowntruth.study.estimation.estimates import Estimate
from knowntruth.workbench.output.number_format import in_unit, number
from knowntruth.workbench.panel.drawing import svg
from knowntruth.workbench.panel.drawing.svg import Drawing
from knowntruth.workbench.panel.state.headline import Contrasts, Row, printed
from knowntruth.workbench.plots.common import style
from knowntruth.workbench.plots.design.waterfall import ADDS, TAKES

WIDTH: Final = 330

STRIPS: Final[Mapping[str, Sequence[tuple[float, float]]]] = {
    "ratio": ((0.5, 4), (0.2, 8), (0.05, 40)),
    "percent per level": ((-10, 30), (-30, 60), (-60, 200)),
    "percentage points": ((-15, 45), (-50, 70), (-100, 100)),
    "probability per level": ((-0.05, 0.1), (-0.12, 0.2), (-0.3, 0.5)),
}
"""Ends of a strip by unit: the first pair that contains the numbers is used."""

BARS: Final[Mapping[str, Sequence[tuple[float, float]]]] = {
    "verified_success": ((-0.02, 0.1), (-0.1, 0.2), (-0.3, 0.5), (-1, 1)),
    "actions_per_prompt": ((-0.05, 0.3), (-0.3, 0.6), (-1, 1.5), (-3, 3)),
}
"""Ends of the ledger's axis by outcome, as for `STRIPS`."""

LEVEL_TITLES: Final = {
    "verified_success": "Verified success, % of sessions", "actions_per_prompt": "Agent actions per prompt",
}  # fmt: skip

HEIGHTS: Final[Mapping[str, Sequence[tuple[Sequence[float], str]]]] = {
    "verified_success": (((0, 20, 40, 60), ""), ((0, 25, 50, 75, 100), "")),
    "actions_per_prompt": (
        ((2, 5, 10, 20), "log"), ((1, 2, 5, 10, 20, 50, 100), "log"), ((0.1, 1, 10, 100, 1000), "log"),
    ),
}  # fmt: skip
"""Ticks of the vertical axis by outcome: the first that hold the numbers; their ends are the axis'."""

SMALLEST: Final = 0.0005
"""Smaller steps of the ledger are written as 0."""

_DODGE: Final = {style.PUBLISHED.label: -7.0, style.SEEN.label: 0.0, style.TRUE.label: 7.0}
"""Horizontal offset of each kind, in pixels."""


def strip(row: Row) -> Drawing:
    """Draw one contrast: printed, seen and true on one line, whiskers of two standard errors, grey: no effect."""
    numbers = {style.PUBLISHED: Estimate(row.printed, 0.0, 0), style.SEEN: row.seen, style.TRUE: row.true}
    low, high = _ends([each.value for each in numbers.values()], STRIPS[row.unit])
    place = svg.scale(low, high, 10, WIDTH - 10, logarithmic=row.unit == "ratio")
    zero = place(NO_EFFECT[row.unit])
    body = svg.line(10, 44, WIDTH - 10, 44, style.FAINT) + svg.line(zero, 2, zero, 44, style.FAINT)
    for tick in (low, NO_EFFECT[row.unit], high):
        anchor = "start" if tick == low else "end" if tick == high else "middle"
        body += svg.text(place(tick), 57, number(tick), anchor=anchor, color=style.FAINT)
    for height, (kind, each) in zip((9, 22, 35), numbers.items(), strict=True):
        body += _whisker(each, place, height, kind) + svg.mark(kind, _placed(each, place), height, 4.8)
    described = ", ".join(f"{kind.label} {in_unit(number(e.value), row.unit)}" for kind, e in numbers.items())
    return Drawing(WIDTH, 60, body, f"{row.claim}: {described}.")


def levels(contrasts: Contrasts, outcome: str) -> Drawing:
    """Draw an outcome by level of expertise: printed, seen by rated level, and true had everyone that level."""
    seen = {level: _seen(contrasts, outcome, level) for level in LEVELS}
    true = {level: contrasts.dose(outcome, level) for level in LEVELS}
    described = printed(outcome)
    ticks, kind = _ticks(
        [*described.values(), *(e.value for e in (*seen.values(), *true.values()))], HEIGHTS[outcome]
    )
    up = svg.scale(ticks[0], ticks[-1], 182, 30, logarithmic=kind == "log")
    body = svg.text(4, 14, LEVEL_TITLES[outcome], bold=True, size=12)
    for tick in ticks:
        body += svg.line(34, up(tick), WIDTH - 6, up(tick)) + svg.text(30, up(tick) + 4, number(tick), anchor="end")
    for level, name in zip(LEVELS, LEVEL_NAMES, strict=True):
        body += svg.text(_across(level), 200, str(level), anchor="middle")
        body += svg.text(_across(level), 213, name, anchor="middle", color=style.FAINT, size=10)
    body += _series({level: Estimate(v, 0.0, 0) for level, v in described.items()}, up, style.PUBLISHED)
    body += _series(seen, up, style.SEEN) + _series(true, up, style.TRUE)
    return Drawing(WIDTH, 218, body, _describe_levels(outcome, seen, true))


def waterfall(made: Ledger, outcome: str) -> Drawing:
    """Draw one quantity of the ledger: from the published contrast, component by component, to the true effect."""
    rows = made.table[made.table["quantity"].eq(outcome)].to_dict("records")
    ends = _steps(rows)
    place = svg.scale(*_ends([end for pair in ends for end in pair], BARS[outcome]), 168, WIDTH - 8)
    title, unit = QUANTITIES[outcome]
    body = svg.text(4, 13, title, bold=True, size=10.5)
    body += svg.line(place(0), 20, place(0), 24 + 19 * len(rows), style.FAINT)
    for k, (row, (start, end)) in enumerate(zip(rows, ends, strict=True)):
        y = 24 + 19 * k
        body += svg.text(118, y + 11, row["component"], anchor="end") + svg.text(
            162, y + 11, _amount(row), anchor="end"
        )
        body += svg.bar(place(start), y + 2, place(end) - place(start), 12, _color(row["component"], end < start))
        reach = 2 * row["mcse"]
        body += svg.line(place(end - reach), y + 8, place(end + reach), y + 8, style.INK)
    body += svg.text(WIDTH - 8, 36 + 19 * len(rows), unit, anchor="end", color=style.FAINT)
    described = ", ".join(f"{row['component']} {_amount(row)}" for row in rows)
    return Drawing(WIDTH, 40 + 19 * len(rows), body, f"Ledger of the {title}: {described}, in {unit}.")


def key() -> Drawing:
    """Draw the legend."""
    body, x = "", 8.0
    for kind in (style.PUBLISHED, style.SEEN, style.TRUE):
        body += svg.mark(kind, x, 9, 4.8) + svg.text(x + 9, 13, kind.label)
        x += 24 + 6.6 * len(kind.label)
    return Drawing(
        WIDTH + 60, 18, body, "Diamonds: published. Circles: seen in this world. Squares: true in this world."
    )


def _seen(contrasts: Contrasts, outcome: str, level: int) -> Estimate:
    return contrasts.actions(level) if outcome == "actions_per_prompt" else contrasts.verified(level)


def _across(level: int) -> float:
    return 62 + (level - 1) * 60


def _series(points: Mapping[int, Estimate], up: svg.Scale, kind: style.Kind) -> str:
    there = {level: e for level, e in points.items() if isfinite(e.value)}
    places = [(_across(level) + _DODGE[kind.label], up(e.value)) for level, e in there.items()]
    whole = len(there) == len(LEVELS)  # a line between the two ends would suggest values in between
    body = svg.joined(places, kind) if whole else ""
    for (x, y), each in zip(places, there.values(), strict=True):
        reach = 2 * each.standard_error if isfinite(each.standard_error) else 0.0
        body += svg.line(x, up(each.value - reach), x, up(each.value + reach), kind.color, 1.2) + svg.mark(kind, x, y)
    return body


def _whisker(each: Estimate, place: svg.Scale, height: float, kind: style.Kind) -> str:
    if not (isfinite(each.value) and isfinite(each.standard_error)):
        return ""
    reach = 2 * each.standard_error
    return svg.line(place(each.value - reach), height, place(each.value + reach), height, kind.color, 1.4)


def _placed(each: Estimate, place: svg.Scale) -> float:
    return place(each.value) if isfinite(each.value) else float("nan")


def _ends(values: Sequence[float], choices: Sequence[tuple[float, float]]) -> tuple[float, float]:
    known = [value for value in values if isfinite(value)]
    fitting = (ends for ends in choices if all(ends[0] <= value <= ends[1] for value in known))
    return next(fitting, choices[-1])


def _ticks(values: Sequence[float], choices: Sequence[tuple[Sequence[float], str]]) -> tuple[Sequence[float], str]:
    known = [value for value in values if isfinite(value)]
    fitting = (choice for choice in choices if all(choice[0][0] <= value <= choice[0][-1] for value in known))
    return next(fitting, choices[-1])


def _steps(rows: Sequence[Mapping[Any, Any]]) -> list[tuple[float, float]]:
    """Return where each bar of the waterfall starts and ends."""
    found, at = [], 0.0
    for row in rows:
        if row["component"] in (PUBLISHED, TRUE):
            found.append((0.0, row["value"]))
            at = row["value"]
        else:
            found.append((at, at - row["value"]))
            at -= row["value"]
    return found


def _color(component: str, falls: bool) -> str:
    ends = {PUBLISHED: style.SEEN.color, TRUE: style.TRUE.color}
    return ends.get(component, ADDS if falls else TAKES)


def _amount(row: Mapping[Any, Any]) -> str:
    """Return a total as it is, a step with the sign of what it does on the way to the truth."""
    value = row["value"]
    if row["component"] in (PUBLISHED, TRUE):
        return f"{value:.3f}".replace("-", "−")
    return f"{'−' if value > 0 else '+'}{abs(value):.3f}" if abs(value) >= SMALLEST else "0"


def _describe_levels(outcome: str, seen: Mapping[int, Estimate], true: Mapping[int, Estimate]) -> str:
    ends = [f"{number(line[1].value)} to {number(line[5].value)}" for line in (seen, true)]
    return f"{LEVEL_TITLES[outcome]}, from novice to expert: seen {ends[0]}, true {ends[1]}."
