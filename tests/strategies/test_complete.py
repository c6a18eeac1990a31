"""Is every strategy complete? Each test names the missing piece and where to add it."""

import importlib
import pkgutil
from pathlib import Path

import networkx as nx
import pytest

import knowntruth.strategies
from knowntruth.strategies import registry
from knowntruth.strategies.base.question import make_question
from knowntruth.strategies.registry import MODULES, STRATEGIES

ROOMS = ("adjustment", "bounds", "measurement_error", "natural_experiments", "negative_controls")
FOLDER = Path(knowntruth.strategies.__path__[0])
FILES = [f"{room}.{found.name}" for room in ROOMS for found in pkgutil.iter_modules([str(FOLDER / room)])]

EVERY = pytest.mark.parametrize("name", STRATEGIES)


@pytest.mark.parametrize("file", FILES)
def test_every_file_is_a_strategy_with_a_row_in_the_registry(file):
    module = importlib.import_module(f"knowntruth.strategies.{file}")
    name = file.rpartition(".")[2]
    assert hasattr(module, "STRATEGY"), (
        f"{module.__file__} has no STRATEGY; add one at its end, or move what several strategies share to estimators/"
    )
    assert module in MODULES, (
        f"strategy {name!r} has no row in MODULES; import its module and add it in {registry.__file__}"
    )
    assert module.STRATEGY.name == name, (
        f"{module.__file__} calls its strategy {module.STRATEGY.name!r}; give both the same name"
    )


def test_every_row_of_the_registry_has_a_name_of_its_own():
    names = [module.STRATEGY.name for module in MODULES]
    assert len(set(names)) == len(names), f"two rows of MODULES in {registry.__file__} have one name: {sorted(names)}"


@EVERY
def test_every_strategy_has_a_trial(trials, name):
    assert callable(trials[name].holds)
    assert callable(trials[name].fails)


def test_every_trial_is_of_a_strategy(trials):
    unknown = sorted(set(trials) - set(STRATEGIES))
    assert not unknown, f"TRIALS in conftest.py has rows of no strategy: {unknown}; remove them, or rename them"


@EVERY
def test_title_source_and_assumptions_are_there(name):
    one = STRATEGIES[name]
    for field, words in {
        "title": "its name in words",
        "source": "the reference of the method, with its DOI",
        "assumptions": "what must hold for it to be right, one sentence each",
        "arrows": "its causal graph, such as 'expertise -> outcome'",
    }.items():
        assert getattr(one, field), f"strategy {name!r} has no {field}; add {words}, to its STRATEGY"


@EVERY
def test_arrows_reach_the_outcome(name):
    one = STRATEGIES[name]
    treatment = "expertise" if one.treatment == "domain_expertise" else one.treatment
    graph = one.graph()
    ends = {treatment, "outcome"} <= set(graph) and nx.has_path(graph, treatment, "outcome")
    assert ends, f"strategy {name!r}: its arrows do not lead from {treatment!r} to 'outcome'; add such a path"


@EVERY
def test_the_shared_table_has_the_columns_that_it_reads(everything, name):
    observed, asked = everything
    missing = sorted(set(STRATEGIES[name].columns(make_question(**asked))) - set(observed))
    assert not missing, (
        f"strategy {name!r} reads {missing}, which the fixture `everything` in conftest.py lacks; add a function that"
        " makes them from the truth to `everything`, and to the strategy's trial as ``adds``"
    )
