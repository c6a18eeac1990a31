"""Diagnose: worlds × strategies × replicates. Redesign: the same with any parameter varied.

run = diagnose(["published", "confounded"], ["naive", "published"], replicates=100, sessions=5000)
run.table                                       # one row per replicate and strategy
run.diagnosis(diagnosands=["bias", "coverage"])

redesign("published", ["published"], {"sessions": [1000, 5000], "rated_expertise.halo": [0.0, 0.5, 1.0]})
"""

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from knowntruth.common.errors import InputError
from knowntruth.common.progress import Progress
from knowntruth.datasets.schema.estimands import HEADLINE
from knowntruth.design.replication.plan import TRUTH_SESSIONS, Analysis, Case, Plan
from knowntruth.design.replication.registry import find_analysis
from knowntruth.design.replication.run import Run, run_plan
from knowntruth.design.sources.parameter_grid import vary as vary_world
from knowntruth.design.sources.source import Source
from knowntruth.design.sources.subgroups import find_grouping
from knowntruth.design.sources.world_source import world_source
from knowntruth.strategies.base.question import Question, make_question
from knowntruth.world.definition.world import World, load

FAST_STRATEGIES: Final = (
    "naive", "published", "weighting", "matching", "doubly_robust", "within_user", "front_door", "first_prompt",
)  # fmt: skip
"""Eight strategies that take a fraction of a second each."""

REPLICATES: Final = 100
SESSIONS: Final = 5000
ESTIMANDS: Final = ("activity_ratio", "verified_difference")
"""The default estimands."""


def diagnose(
    worlds: Sequence[str | Path | World | Source] | str,
    strategies: Sequence[str | Analysis],
    replicates: int = REPLICATES,
    sessions: int = SESSIONS,
    **how: Any,
) -> Run:
    """Simulate every world repeatedly, apply every strategy to every dataset, and compare estimates with the truth.

    Parameters
    ----------
    worlds
        Names, TOML files, worlds, or any other `Source`.
    strategies
        Names from `registry.ANALYSES`, or any other `Analysis`.
    how
        As of `redesign`.

    Raises
    ------
    InputError
        If a name is unknown or a number impossible.

    Examples
    --------
    >>> study = {"sessions": 300, "estimands": ["verified_difference"], "truth_sessions": 300}
    >>> run = diagnose(["null"], ["naive"], 2, workers=1, **study)
    >>> len(run.table)
    2
    """
    return redesign(worlds, strategies, {}, replicates, sessions, **how)


def redesign(
    worlds: Sequence[str | Path | World | Source] | str,
    strategies: Sequence[str | Analysis],
    vary: Mapping[str, Sequence[Any]],
    replicates: int = REPLICATES,
    sessions: int = SESSIONS,
    *,
    seed: int = 1,
    estimands: Sequence[str | Question] = ESTIMANDS,
    contrast: str = HEADLINE,
    confidence: float = 0.95,
    audited: int = 0,
    by: str | None = None,
    truth_sessions: int = TRUTH_SESSIONS,
    out: Path | str | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Run:
    """Diagnose every combination of the varied values, each of which becomes a column of its own.

    Parameters
    ----------
    vary
        Values by parameter: ``sessions``, ``users`` or ``audited`` of the study, ``ability`` (its strength as a
        multiple of the world's), or any dial of the world, such as ``rated_expertise.halo``.
    audited
        Sessions of a validation sample, which some strategies need.
    by
        An observed column (`subgroups.GROUPINGS`) within whose groups every question is also answered.
    out, workers, cluster, progress
        As of `run.run_plan`.

    Raises
    ------
    InputError
        If a name is unknown or a number impossible.

    Examples
    --------
    >>> sizes = {"sessions": [200, 400]}
    >>> run = redesign("null", ["naive"], sizes, 1, estimands=["verified_difference"], truth_sessions=300, workers=1)
    >>> run.table["sessions"].tolist()
    [200, 400]
    """
    chosen = tuple(find_analysis(each) if isinstance(each, str) else each for each in strategies)
    columns = tuple(dict.fromkeys(column for each in chosen for column in getattr(each, "beyond_schema", ())))
    values = [dict(zip(vary, point, strict=True)) for point in itertools.product(*vary.values())]
    listed = [worlds] if isinstance(worlds, str) else worlds
    study = {"sessions": sessions, "audited": audited}
    cases = tuple(_case(world, study, point, columns) for world in listed for point in values)
    asked = tuple(
        each if isinstance(each, Question) else make_question(each, contrast=contrast, confidence=confidence)
        for each in estimands
    )
    plan = Plan(cases, chosen, asked, replicates, seed, truth_sessions, by=find_grouping(by))
    return run_plan(plan, out, workers=workers, cluster=cluster, progress=progress)


def _case(world: Any, study: Mapping[str, int], point: Mapping[str, Any], columns: tuple[str, ...]) -> Case:
    if not isinstance(world, str | Path | World):
        if point:
            raise InputError(
                f"{world.name} is not a world, so {', '.join(point)} cannot be varied; give several sources instead"
            )
        return Case(world, {})
    modified, settings = vary_world(load(world) if isinstance(world, str | Path) else world, {**study, **point})
    source = world_source(
        modified, settings["sessions"], audited=settings["audited"], users=settings.get("users"), columns=columns
    )
    return Case(source, {"sessions": settings["sessions"], **point})
