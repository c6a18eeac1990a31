"""Is every refuter complete? Each test names the missing piece and where to add it."""

import importlib
import pkgutil
from collections import Counter
from pathlib import Path

import pytest

import knowntruth.causal.refutation
from knowntruth.causal.refutation import registry
from knowntruth.causal.refutation.registry import MODULES, REFUTERS

SHARED = ("base", "registry", "graph_falsification", "unobserved_common_cause")
"""Files of the folder that are no refuter: two of them make checks of their own."""

FOLDER = Path(knowntruth.causal.refutation.__path__[0])
FILES = [found.name for found in pkgutil.iter_modules([str(FOLDER)]) if found.name not in SHARED]


@pytest.mark.parametrize("file", FILES)
def test_every_file_is_a_refuter_with_a_row_in_the_registry(file):
    module = importlib.import_module(f"knowntruth.causal.refutation.{file}")
    assert hasattr(module, "REFUTER"), (
        f"{module.__file__} has no REFUTER; add REFUTER = Refuter(Hypothesis(...), refute) at its end, where"
        " refute(fit, seed, simulations) returns a Refutation"
    )
    assert module in MODULES, f"refuter {file!r} has no row in MODULES; add its module to {registry.__file__}"


@pytest.mark.parametrize("refuter", REFUTERS, ids=lambda refuter: refuter.hypothesis.name)
def test_every_refuter_states_its_hypothesis_and_its_rule(refuter):
    asked = refuter.hypothesis
    where = f"refuter {asked.name!r}: its Hypothesis"
    assert asked.name, f"{where} has no name; give the name of its row"
    assert asked.question.endswith("?"), f"{where} needs a question, ending with a question mark"
    assert asked.null, f"{where} has no null; say what holds if the estimate is sound"
    assert asked.rule.startswith("alarm if"), f"{where} needs a rule that begins with 'alarm if'"
    assert 0 < asked.false_alarms <= 0.05, (
        f"{where} has false_alarms {asked.false_alarms}; give its share of alarms on sound estimates, at most 0.05"
    )


def test_every_refuter_has_a_name_of_its_own():
    twice = [name for name, count in Counter(refuter.hypothesis.name for refuter in REFUTERS).items() if count > 1]
    assert not twice, f"two rows of {registry.__file__} have the name {twice[0]!r}; rename one"
