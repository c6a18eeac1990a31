"""The true effects that the published figures allow, from the stored bounds if they belong to this world.

The stored bounds belong to the world `published` with its current dials. A report of another world shows the command
that computes its own; if the dials of `published` have changed since, the report says that they are out of date.
"""

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from knowntruth.datasets.schema.estimands import HEADLINE, Estimand, estimand
from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.output.tables import Grid, grid
from knowntruth.workbench.results.study_results import About

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.calibration.bounds.stored import StoredBounds
    from knowntruth.workbench.plots.gallery import Picture

MAIN_ESTIMANDS: Final = ("success_difference", "verified_difference", "activity_ratio")
"""The effects that are described in sentences."""


def section(about: About) -> dict[str, Any]:
    """Return what the section shows: ``state`` is elsewhere, absent, outdated or shown."""
    from knowntruth.calibration.bounds.stored import RECOMPUTE, load_stored
    from knowntruth.world.definition.world import BASE, load

    if about.world != BASE or len(about.changed) or about.perfect_instruments:
        return {"state": "elsewhere", "command": f"{RECOMPUTE} --world …"}
    found = load_stored()
    if found is None:
        return {"state": "absent", "command": RECOMPUTE}
    if not found.belongs_to(load(BASE)):
        return {"state": "outdated", "command": RECOMPUTE}
    return {"state": "shown", "command": RECOMPUTE, **stored_content(found)}


def stored_content(found: "StoredBounds") -> dict[str, Any]:
    """Return sentences, tables and picture of stored bounds."""
    from knowntruth.calibration.bounds.world_bounds_result import completeness

    intervals, gains = found.tables["intervals"], found.tables["value_of_information"]
    return {
        "lines": sentences(intervals),
        "completeness": completeness(found.record),
        "record": found.record,
        "intervals": grid(_in_points(intervals)),
        "gains": grid(remaining_width(gains)) if len(gains) else Grid([], []),
        "reasons": reasons(found.tables["attribution"]),
        "account": grid(_account(found.tables["attribution"])),
        "checked": grid(found.tables["checked"], {"fresh": "with other people", "excess": "excess in errors"}),
        "picture": picture(found),
    }


def sentences(intervals: "pd.DataFrame") -> list[str]:
    """Describe the main intervals in sentences.

    Examples
    --------
    >>> from knowntruth.calibration.bounds.stored import load_stored
    >>> kept = load_stored()
    >>> len(sentences(kept.tables["intervals"])) > 0
    True
    """
    rows = {row["estimand"]: row for row in intervals[intervals["contrast"].eq(HEADLINE)].to_dict("records")}
    return [_sentence(estimand(name), rows[name]) for name in MAIN_ESTIMANDS if name in rows]


def _sentence(of: Estimand, row: Any) -> str:
    low, middle, high = (_value(of, row[name]) for name in ("smallest", "calibrated", "largest"))
    treatment, outcome = (name.replace("_", " ") for name in (of.treatment, of.outcome))
    return (
        f"The effect of {treatment} on {outcome}, expert against novice, is {middle} in this world. Among the "
        f"worlds that reproduce the published figures about as well, it ranges from {low} to {high}."
    )


def reasons(account: "pd.DataFrame") -> list[str]:
    """Describe what makes the main extreme worlds extreme, and what hides it from the figures.

    Examples
    --------
    >>> from knowntruth.calibration.bounds.stored import load_stored
    >>> kept = load_stored()
    >>> len(reasons(kept.tables["attribution"])) > 0
    True
    """
    named = [(name, side) for name in MAIN_ESTIMANDS for side in ("smallest", "largest")]
    rows = {key: account[account["truth"].eq(f"{key[0]} {HEADLINE}") & account["side"].eq(key[1])] for key in named}
    return [_reason(estimand(name), side, part) for (name, side), part in rows.items() if len(part)]


def _reason(of: Estimand, side: str, rows: "pd.DataFrame") -> str:
    makes, hides = (rows.sort_values(by, ascending=False).iloc[0] for by in ("explains", "missed"))
    value, outcome = _value(of, float(makes["value"])), of.outcome.replace("_", " ")
    return (
        f"Where the effect on {outcome} is {side} ({value}), the main reason is {makes['group']} ({makes['dials']}): "
        f"resetting it returns the effect by {100 * makes['explains']:.0f}%. It is hidden by {hides['group']}: "
        f"resetting it makes the world miss {hides['missed']} figures."
    )


def _value(of: Estimand, value: float) -> str:
    return f"{number(value)} times" if of.scale == "ratio" else f"{number(100 * value)} points"


def _in_points(intervals: "pd.DataFrame") -> "pd.DataFrame":
    """Return the intervals with differences in percentage points."""
    factor = intervals["estimand"].map(lambda name: 1.0 if estimand(name).scale == "ratio" else 100.0)
    ends = {name: intervals[name] * factor for name in ("smallest", "calibrated", "largest")}
    unit = factor.map({1.0: "times", 100.0: "points"})
    return intervals.assign(**ends, unit=unit, estimand=intervals["estimand"].str.replace("_", " "))


def remaining_width(gains: "pd.DataFrame") -> "pd.DataFrame":
    """Return one row a measurement: what is left of each interval, in the first reference world (and in the second).

    Examples
    --------
    >>> from knowntruth.calibration.bounds.stored import load_stored
    >>> kept = load_stored()
    >>> len(remaining_width(kept.tables["value_of_information"])) <= len(kept.tables["value_of_information"])
    True
    """
    from knowntruth.calibration.moments.extra_moments import MEASUREMENTS

    wide = gains.pivot_table(index="measurement", columns=["truth", "reference_world"], values="share", sort=False)
    rows = wide.loc[[m.name for m in MEASUREMENTS if m.name in wide.index]]
    table = {"further measurement": [next(m.words for m in MEASUREMENTS if m.name == name) for name in rows.index]}
    for truth in dict.fromkeys(gains["truth"]):
        told = [rows[truth, world] for world in dict.fromkeys(gains["reference_world"]) if (truth, world) in rows]
        table[str(truth).removesuffix(f" {HEADLINE}").replace("_", " ")] = [
            _shares(each) for each in zip(*told, strict=True)
        ]
    import pandas as pd

    return pd.DataFrame(table)


def _shares(shares: tuple[float, ...]) -> str:
    first, *others = (f"{100 * share:.0f}%" for share in shares)
    return f"{first} ({', '.join(others)})" if others else first


def _account(account: "pd.DataFrame") -> "pd.DataFrame":
    """Return what makes the extreme worlds extreme, with the group that explains most first."""
    ordered = account.sort_values(["truth", "side", "explains"], ascending=[True, True, False], kind="stable")
    return ordered.assign(
        truth=ordered["truth"].str.replace("_", " "),
        explains=[f"{100 * share:.0f}%" for share in ordered["explains"]],
    )[["truth", "side", "group", "dials", "explains", "missed"]].rename(
        columns={"explains": "reset, the effect returns by", "missed": "figures then missed"}
    )


def picture(found: "StoredBounds") -> "Picture":
    """Return the picture of the intervals, now and with each further measurement.

    Examples
    --------
    >>> from knowntruth.calibration.bounds.stored import load_stored
    >>> kept = load_stored()
    >>> picture(kept).png[1:4]
    b'PNG'
    """
    from knowntruth.workbench.plots.calibration import bounds
    from knowntruth.workbench.plots.common import style
    from knowntruth.workbench.plots.gallery import Picture

    buffer = BytesIO()
    with style.styled():
        figure = bounds.draw(found.tables["intervals"], found.tables["value_of_information"])
        figure.savefig(buffer, format="png", dpi=style.DPI, metadata={"Software": None})
    width, height = (round(style.DPI * inches) for inches in figure.get_size_inches())
    return Picture(
        "bounds", "open", "Between the smallest and the largest true effect",
        "Black: with the published figures alone. Green: what would remain with one further measurement, if it came"
        " out as in the calibrated world (square). The grey line is no effect.",
        bounds.alt(found.tables["intervals"]), buffer.getvalue(), width, height,
    )  # fmt: skip
