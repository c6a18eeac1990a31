"""docs/reference.md: every name of the face stands on it once, with the first sentence of its docstring."""

import inspect
import re
from pathlib import Path

import pytest

import knowntruth.api as kt
from knowntruth.workbench.api import bayes, calibration, causal, design, scorecard, study, worlds
from knowntruth.world.simulate import Dataset

PAGE = Path(__file__).parents[2] / "docs" / "reference.md"
ROWS = dict(re.findall(r"^\| `([\w.]+)` \| (.+) \|$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE))
RESULTS = (
    kt.World, Dataset, worlds.Truth, study.Study, bayes.Fit, causal.Identified, causal.Checks, design.Diagnosis,
    design.Ledger, design.StudyPlan, scorecard.Scorecard, calibration.Calibration, calibration.WorldBounds,
)  # fmt: skip


def sentence(thing: object) -> str:
    """Return the first line of a docstring."""
    return str(inspect.getdoc(thing)).splitlines()[0].replace("|", "\\|")


def methods(kind: type) -> list[str]:
    return [name for name, each in vars(kind).items() if not name.startswith("_") and name != "facts"
            and (inspect.isfunction(each) or isinstance(each, property | classmethod | staticmethod))]  # fmt: skip


@pytest.mark.parametrize("name", kt.__all__)
def test_every_name_stands_there_with_its_first_sentence(name):
    assert ROWS.get(name) == sentence(getattr(kt, name)), f"| `{name}` | {sentence(getattr(kt, name))} |"


@pytest.mark.parametrize("kind", RESULTS, ids=lambda kind: kind.__name__)
def test_every_method_of_a_result_stands_there(kind):
    lacking = [
        f"| `{kind.__name__}.{name}` | {sentence(getattr(kind, name))} |"
        for name in methods(kind)
        if ROWS.get(f"{kind.__name__}.{name}") != sentence(getattr(kind, name))
    ]
    assert not lacking, "\n".join(lacking)


def test_nothing_stands_there_that_is_not():
    kinds = {kind.__name__: kind for kind in RESULTS}
    for name in ROWS:
        first, _, last = name.partition(".")
        assert hasattr(kinds[first], last) if last else hasattr(kt, first), name
