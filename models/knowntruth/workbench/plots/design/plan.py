"""A study plan as a picture: precision or power of each size, and assurance over worlds drawn from the prior."""

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from knowntruth.design.planning.plan_study import StudyPlan
from knowntruth.workbench.output.number_format import number
from knowntruth.workbench.plots.common import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw(plan: StudyPlan) -> "Figure":
    """Draw the target's quantity by size above, the assurance by size below; whiskers are 95% limits."""
    picture, (above, below) = style.figure(5.4, rows=2)
    _sizes(above, plan)
    _points(below, plan.assurance, style.ESTIMATE, "studies in worlds drawn from the prior")
    below.set_ylim(0, 1.02)
    below.set_ylabel("share that reach the target")
    for axes in (above, below):
        axes.axvline(plan.sessions, color=style.INK, linestyle=":", label=f"answer: {number(plan.sessions)}")
        _scale(axes)
        axes.legend(loc="best", frameon=True, edgecolor="none", framealpha=0.9)
    above.set_title(plan.target.words, fontsize=9)
    below.set_title("assurance", fontsize=9)
    return picture


def png(plan: StudyPlan) -> bytes:
    """Return the picture as bytes that depend on the plan alone.

    Examples
    --------
    >>> from knowntruth.design.planning.size import Pilot, Variance
    >>> from knowntruth.design.planning.target import Target
    >>> size = {"sessions": [800], "audited": 0, "value": 0.2, "lower": 0.19, "upper": 0.21, "replicates": 50}
    >>> sizes = pd.DataFrame({"kind": ["check"], **size})
    >>> sure = pd.DataFrame({**size, "value": [0.9], "upper": [0.95]})
    >>> pilots = (Pilot(800, 0, 0.3, 0.0026, 1.0),)
    >>> plan = StudyPlan(Target(width=0.2), 800, 600, 0, sizes, sure, Variance(2.1, 0.0), pilots, holds=True)
    >>> png(plan)[1:4]
    b'PNG'
    """
    with style.styled(), BytesIO() as file:
        draw(plan).savefig(file, format="png", dpi=style.DPI, metadata={"Software": None})
        return file.getvalue()


def alt(plan: StudyPlan) -> str:
    """Describe the picture in words.

    Examples
    --------
    >>> from knowntruth.design.planning.size import Pilot, Variance
    >>> from knowntruth.design.planning.target import Target
    >>> size = {"sessions": [800], "audited": 0, "value": 0.2, "lower": 0.19, "upper": 0.21, "replicates": 50}
    >>> sizes = pd.DataFrame({"kind": ["check"], **size})
    >>> sure = pd.DataFrame({**size, "value": [0.9], "upper": [0.95]})
    >>> pilots = (Pilot(800, 0, 0.3, 0.0026, 1.0),)
    >>> plan = StudyPlan(Target(width=0.2), 800, 600, 0, sizes, sure, Variance(2.1, 0.0), pilots, holds=True)
    >>> alt(plan)
    'For intervals no wider than 0.2 on average: 800 sessions. Assurance: 90% at 800 sessions.'
    """
    shares = "; ".join(
        f"{row['value']:.0%} at {number(row['sessions'])} sessions" for row in plan.assurance.to_dict("records")
    )
    return f"For {plan.target.words}: {number(plan.sessions)} sessions. Assurance: {shares}."


def _sizes(axes: "Axes", plan: StudyPlan) -> None:
    for kind, how in (("pilot", style.SEEN), ("check", style.ESTIMATE)):
        _points(axes, plan.sizes[plan.sizes["kind"].eq(kind)], how, f"{kind}s")
    sizes = np.geomspace(plan.sizes["sessions"].min(), max(plan.sizes["sessions"].max(), plan.sessions), 60)
    share = plan.audited / plan.sessions
    axes.plot(sizes, [plan.predicted(n, share * n) for n in sizes], color=style.FAINT, linewidth=1, label="predicted")
    axes.axhline(plan.target.goal, color=style.PUBLISHED.color, linestyle="--", linewidth=1, label="target")
    axes.set_ylabel("mean width" if plan.target.width is not None else "power")


def _scale(axes: "Axes") -> None:
    """Put sessions on a logarithmic axis, with ticks at 1, 2 and 5 and numbers written out."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("sessions")


def _points(axes: "Axes", rows: Any, kind: style.Kind, label: str) -> None:
    away = [(rows["value"] - rows["lower"]).clip(lower=0), (rows["upper"] - rows["value"]).clip(lower=0)]
    axes.errorbar(
        rows["sessions"],
        rows["value"],
        yerr=away,
        color=kind.color,
        marker=kind.marker,
        label=label,
        linestyle="none",
        elinewidth=1.1,
        markeredgecolor="white",
        markeredgewidth=0.6,
    )
