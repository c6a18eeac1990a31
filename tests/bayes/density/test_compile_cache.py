"""What is compiled once and kept: as many models as allowed, and of these the ones that are in use."""

from types import SimpleNamespace

import nutpie
import pytest

from knowntruth.bayes.density import compile_cache as cache


@pytest.fixture
def compiled(monkeypatch):
    """Note which models are compiled, and compile none."""
    made = []

    def compile_one(model):
        made.append(model.name)
        return SimpleNamespace(with_data=lambda **data: model.name)

    monkeypatch.setattr(cache, "_COMPILED", {})
    monkeypatch.setattr(cache, "reparametrize", lambda model: model)
    monkeypatch.setattr(nutpie, "compile_pymc_model", compile_one)
    return made


def test_the_model_that_was_not_used_for_longest_is_compiled_again(compiled, monkeypatch):
    monkeypatch.setattr(cache, "MAX_COMPILED", 2)
    for name in ("one", "two", "one", "three", "one", "two"):
        assert cache.compile_model(SimpleNamespace(name=name, data_vars=[]), (name,)) == name
    assert compiled == ["one", "two", "three", "two"]
