"""Actions and verified success by level of expertise: published, seen, and true.

The study rates the levels from transcripts. The truth sets each person's level by intervention, do(level).
"""

from typing import TYPE_CHECKING

from knowntruth.datasets.schema.categories import LEVELS
from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.plots.common import series, style
from knowntruth.workbench.results.study_results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(results: Results) -> "Figure":
    """Draw two panels: actions per prompt on a log scale, and verified success in percent."""
    picture, (actions, verified) = style.figure(5.4, rows=2, sharex=True)
    _panel(
        actions, series.published_actions(results), series.seen_actions(results), _true(results, "actions_per_prompt")
    )
    _panel(
        verified,
        series.published_verified(results),
        series.seen_verified(results),
        _true(results, "verified_success"),
    )
    actions.set_yscale("log")
    actions.yaxis.set_major_formatter("{x:g}")
    actions.yaxis.set_minor_formatter("{x:g}")
    actions.set_title("Agent actions per prompt (geometric mean)")
    verified.set_title("Verified success, % of sessions")
    verified.set_ylim(bottom=0)
    verified.set_xticks(LEVELS, series.LEVEL_TICKS)
    verified.set_xlabel("expertise for the task: rated (seen) or real (true)")
    style.key(picture, actions, columns=3)
    return picture


def alt(results: Results) -> str:
    """Describe the figure in words."""
    parts = []
    for what, seen, true in (
        ("actions per prompt", series.seen_actions(results), _true(results, "actions_per_prompt")),
        ("verified success in percent", series.seen_verified(results), _true(results, "verified_success")),
    ):
        parts.append(f"{what} from novice to expert: seen {_ends(seen)}, true {_ends(true)}")
    return "By level of expertise, " + "; ".join(parts) + "."


def _true(results: Results, outcome: str) -> series.Series:
    true = series.true_dose(results, outcome)
    factor = 100 if outcome == "verified_success" else 1
    return series.Series(true.x, factor * true.y, factor * true.error)


def _panel(axes: "Axes", published: series.Series, seen: series.Series, true: series.Series) -> None:
    whole = len(published.x) == len(LEVELS)  # a line through the two ends alone would suggest values in between
    style.points(axes, style.PUBLISHED, published.x - 0.07, published.y, published.error, line=whole)
    style.points(axes, style.SEEN, seen.x, seen.y, seen.error)
    style.points(axes, style.TRUE, true.x + 0.07, true.y, true.error)


def _ends(line: series.Series) -> str:
    return f"{number(line.y[0])} to {number(line.y[-1])}" if len(line.y) else "unknown"
