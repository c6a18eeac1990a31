"""How well a world's instruments measure: what the study reported about its own, computed in the simulation.

- Telemetry: the share of sessions labelled as changing code that show changed lines.
- Second reading: a second reader, with errors of its own, labels the same sessions; how often do the two agree?
- Holdout: the instrument that estimates prices is applied to postings whose price is known.
- Exclusions: how many sessions each rule of the study leaves out.
"""

from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from knowntruth.study.figures import by_key
from knowntruth.workbench.output.number_format import NO_VALUE, number, with_error
from knowntruth.workbench.output.tables import grid
from knowntruth.world.audits import agreement, exclusions, holdout, rerating

if TYPE_CHECKING:
    import pandas as pd

    from knowntruth.world.simulate import Dataset

MAX_REREAD: Final = 5_000
"""Sessions that are read a second time; the study used 198 (figures.csv: reference_model_sessions)."""

MAX_PEOPLE: Final = 20_000
"""People whose whole traffic is followed through the exclusions."""

COLUMNS: Final = (
    "instrument", "measure", "group", "unit", "value", "mcse", "n", "published", "published_lower",
    "published_upper", "key",
)  # fmt: skip
"""``value``, ``mcse`` and the published figure are in ``unit``; ``key`` is that of the published figure."""

SECOND_READING: Final = "second reading"

MAIN_GROUPS: Final = ("code changed", "rated expertise", "success signal", "outcome", "overall")
"""Groups that the report shows at once; the others are in its second table."""

FLOW_HEADINGS: Final = {
    "step": "sessions", "sessions": "sessions left", "users": "users left", "left_out": "left out, %",
    "published": "published, %",
}  # fmt: skip
"""Columns of the exclusions in the report."""

PUBLISHED_EXCLUSIONS: Final = {
    "with a clear goal": "no_clear_goal_share",
    "with a known occupation": "occupation_unclear_share",
}
"""Key of the published share that a step of the exclusions leaves out."""


def measure(dataset: "Dataset", observed: "pd.DataFrame", *, seed: int) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return the instruments' quality, with columns `COLUMNS`, and the flow of exclusions of a dataset's world.

    Returns
    -------
    The second table has one row per step: step, sessions and users left, the percentage of the sessions before it
    that it leaves out, the binomial standard error of that percentage, and the published percentage.
    """
    import pandas as pd

    rows = [_telemetry(observed), *_second_reading(dataset, seed), *_holdout(dataset, seed)]
    return pd.DataFrame(rows, columns=list(COLUMNS)), _exclusions(dataset, seed)


def section(instruments: "pd.DataFrame", flow: "pd.DataFrame") -> dict[str, Any]:
    """Return what the report shows: the instruments with a published figure, all of them, and the exclusions."""
    shown = instruments.assign(
        value=[with_error(v, e) for v, e in zip(instruments["value"], instruments["mcse"], strict=True)],
        published=[_published(row) for row in instruments.itertuples()],
    )[["instrument", "measure", "group", "unit", "value", "published", "n"]]
    main = instruments["key"].ne("") & instruments["group"].isin(MAIN_GROUPS)
    left_out = [with_error(v, e) for v, e in zip(flow["left_out"], flow["left_out_error"], strict=True)]
    return {
        "reread": int(instruments.loc[instruments["instrument"].eq(SECOND_READING), "n"].max()),
        "people": int(flow["users"].iloc[0]),
        "main": grid(shown[main]),
        "all": grid(shown),
        "exclusions": grid(flow.assign(left_out=left_out)[[*FLOW_HEADINGS]], FLOW_HEADINGS),
    }


def _published(row: Any) -> str:
    """Return a published value, range or lower limit as text."""
    if isfinite(row.published_lower) and not isfinite(row.published_upper):
        return f"more than {number(row.published_lower)}"
    if isfinite(row.published):
        return number(row.published)
    limits = (number(row.published_lower), number(row.published_upper))
    return " to ".join(limits) if isfinite(row.published_lower) else NO_VALUE


def _row(instrument: str, measure: str, group: str, unit: str, value: float, mcse: float, n: int, key: str) -> Any:
    figure = by_key().get(key)
    published = (figure.value, figure.lower, figure.upper) if figure else (float("nan"),) * 3
    return (instrument, measure, group, unit, value, mcse, n, *published, key)


def _telemetry(observed: "pd.DataFrame") -> Any:
    value, error, n = agreement.telemetry_agreement(observed)
    key = "telemetry_agreement_code"
    return _row("telemetry", "agrees with the label", "code changed", "percent", 100 * value, 100 * error, n, key)


def _second_reading(dataset: "Dataset", seed: int) -> list[Any]:
    n = min(MAX_REREAD, dataset.observed.num_rows)
    table = agreement.agreement(rerating.rerate(dataset, n, seed=seed))
    return [
        _row(SECOND_READING, f"{row['statistic']} agreement", str(row["label"]).replace("_", " "), "percent",
             100 * row["value"], 100 * row["error"], int(row["n"]), str(row["figure"]))
        for row in table.to_dict("records")
    ]  # fmt: skip


def _holdout(dataset: "Dataset", seed: int) -> list[Any]:
    rows = []
    for row in holdout.holdout(dataset.world, seed=seed).to_dict("records"):
        tier = str(row["tier"])
        name = tier.replace("_", " to ")
        group = name if tier == holdout.OVERALL else f"${name}"
        bias_key, r2_key = f"value_holdout_bias_{tier}", f"value_holdout_logr2_{tier}"
        unit, n = "predicted/actual", int(row["n"])
        rows.append(_row("price holdout", "bias", group, unit, row["bias"], row["bias_error"], n, bias_key))
        rows.append(_row("price holdout", "R² of log prices", group, "R2", row["log_r2"], float("nan"), n, r2_key))
    return rows


def _exclusions(dataset: "Dataset", seed: int) -> "pd.DataFrame":
    people = min(MAX_PEOPLE, len(set(dataset.observed["user_id"].to_pylist())))
    table = exclusions.flow(dataset.world, people, seed=seed)
    share, before = table.pop("left out"), table["sessions"].shift()
    published = [by_key()[key].value if (key := PUBLISHED_EXCLUSIONS.get(step)) else None for step in table["step"]]
    return table.assign(
        left_out=(100 * share).where(before.notna()),
        left_out_error=100 * (share * (1 - share) / before) ** 0.5,
        published=[float("nan") if value is None else value for value in published],
    )
