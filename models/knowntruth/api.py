"""The face of knowntruth: everything that a researcher imports, by one name.

>>> import knowntruth.api as kt
>>> sessions = kt.simulate("published", 2000, seed=1)   # what a study sees, and what is true, apart
>>> answers = kt.estimate_all(sessions)                  # every identification strategy
>>> kt.truth("null", 300).value("activity_ratio")        # the same people under do()
1.0

A function takes the data or the world first, then what is asked, then keywords. A name or a path is taken wherever a
world, priors or a graph are expected. Results show themselves in a notebook; ``to_frame()`` gives their table and
``plot()`` their picture. Nothing is loaded before it is used, so the import itself takes a few milliseconds.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from knowntruth.common.errors import InputError
    from knowntruth.engine.dials import Dials, dial
    from knowntruth.engine.mechanism import mechanism
    from knowntruth.workbench.api.bayes import diagnostics, effects, fit, load_priors
    from knowntruth.workbench.api.calibration import bounds, calibrate
    from knowntruth.workbench.api.causal import check, identify, read_graph, sensitivity
    from knowntruth.workbench.api.data import read, release, schema, score, write_dataset
    from knowntruth.workbench.api.design import Diagnosis, diagnose, ledger, plan, redesign
    from knowntruth.workbench.api.panel import panel
    from knowntruth.workbench.api.scorecard import scorecard
    from knowntruth.workbench.api.strategies import estimate, estimate_all, strategies
    from knowntruth.workbench.api.study import claims, study, tables
    from knowntruth.workbench.api.worlds import do, effect, laws, load_world, simulate, truth, worlds
    from knowntruth.workbench.plots.common import style
    from knowntruth.world.definition.world import World

_API: Final = "knowntruth.workbench.api"

_HOMES: Final[dict[str, str]] = {
    **dict.fromkeys(("load_world", "worlds", "do", "simulate", "truth", "effect", "laws"), f"{_API}.worlds"),
    **dict.fromkeys(("tables", "claims", "study"), f"{_API}.study"),
    **dict.fromkeys(("load_priors", "fit", "effects", "diagnostics"), f"{_API}.bayes"),
    **dict.fromkeys(("read_graph", "identify", "check", "sensitivity"), f"{_API}.causal"),
    **dict.fromkeys(("strategies", "estimate", "estimate_all"), f"{_API}.strategies"),
    **dict.fromkeys(("Diagnosis", "diagnose", "redesign", "ledger", "plan"), f"{_API}.design"),
    **dict.fromkeys(("scorecard",), f"{_API}.scorecard"),
    **dict.fromkeys(("calibrate", "bounds"), f"{_API}.calibration"),
    **dict.fromkeys(("write_dataset", "read", "schema", "score", "release"), f"{_API}.data"),
    **dict.fromkeys(("panel",), f"{_API}.panel"),
    "World": "knowntruth.world.definition.world",
    "mechanism": "knowntruth.engine.mechanism",
    **dict.fromkeys(("Dials", "dial"), "knowntruth.engine.dials"),
    "style": "knowntruth.workbench.plots.common",
    "InputError": "knowntruth.common.errors",
}
"""Where each name is defined; it is imported when it is first used."""

__all__ = [
    "Diagnosis",
    "Dials",
    "InputError",
    "World",
    "bounds",
    "calibrate",
    "check",
    "claims",
    "diagnose",
    "diagnostics",
    "dial",
    "do",
    "effect",
    "effects",
    "estimate",
    "estimate_all",
    "fit",
    "identify",
    "laws",
    "ledger",
    "load_priors",
    "load_world",
    "mechanism",
    "panel",
    "plan",
    "read",
    "read_graph",
    "redesign",
    "release",
    "schema",
    "score",
    "scorecard",
    "sensitivity",
    "simulate",
    "strategies",
    "study",
    "style",
    "tables",
    "truth",
    "worlds",
    "write_dataset",
]


def __getattr__(name: str) -> Any:
    """Return a name of the face, importing its home when it is first used."""
    if name not in _HOMES:
        from knowntruth.common.names import nearest

        raise AttributeError(f"knowntruth.api has no {name!r}{nearest(name, _HOMES)}")
    home = import_module(_HOMES[name])
    found = getattr(home, name) if hasattr(home, name) else import_module(f"{_HOMES[name]}.{name}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(_HOMES)
