"""What a model's file must hand over so that nothing generic needs an edit; each thing it lacks is said in words."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

import knowntruth.bayes.models as folder
from knowntruth.bayes.models.registry import MODELS, model
from knowntruth.common.errors import InputError

GENERIC = {"base.py", "registry.py", "log_prior.py", "linear_predictor.py", "__init__.py"}
"""Files of the folder that are no models."""


@pytest.fixture(scope="module")
def observed(draw):
    return draw(120, seed=41).frame


@pytest.mark.parametrize("name", MODELS)
def test_a_model_hands_over_all_that_is_needed(lacks, observed, name):
    found = lacks(MODELS[name], observed)
    assert not found, f"{name}: " + "; ".join(found)


def test_every_file_of_a_model_has_its_row_in_the_registry():
    files = {path.name for path in Path(folder.__path__[0]).glob("*.py")} - GENERIC
    for file in sorted(files):
        row = getattr(import_module(f"knowntruth.bayes.models.{file[:-3]}"), "MODEL", None)
        assert row is not None, f"models/{file} ends without MODEL: a row of `base.Model`"
        assert f"{row.name}.py" == file, f"models/{file} holds the model {row.name!r}: give both one name"
        assert MODELS.get(row.name) is row, f"models/registry.py lacks the row {file[:-3]}.MODEL: add it"


BROKEN = {
    "a table that is not there": (lambda row: {"topics": ("verified_success", "words")}, "lacks: add a class"),
    "a table that nothing uses": (lambda row: {"topics": ("verified_success", "joint")}, "of the table joint"),
    "a parameter less": (
        lambda row: {"sample_prior": lambda *given: row.sample_prior(*given).drop_vars("level_effect")},
        "level_effect",
    ),
    "names that differ": (
        lambda row: {"name_draws": lambda *given: row.name_draws(*given).drop_vars("slope_scale")},
        "name_draws lacks slope_scale",
    ),
    "outcomes as they were": (lambda row: {"simulate": lambda rng, frame, draw: frame}, "leaves verified_success"),
    "one number for all users": (
        lambda row: {"user_log_likelihood": lambda *given: row.user_log_likelihood(*given).sum(axis=1)},
        "(draws, users)",
    ),
    "another layout": (
        lambda row: {"effect_layout": MODELS["hidden_confounder"].effect_layout}, "give effect_layout"
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_lacking_is_said(lacks, observed, kind):
    """The negative controls."""
    change, said = BROKEN[kind]
    row = MODELS["verified_success"]
    assert any(said in words for words in lacks(replace(row, **change(row)), observed))


def test_a_model_under_its_former_name_is_pointed_to():
    with pytest.raises(InputError, match="'bias' is now called 'hidden_confounder'"):
        model("bias")
