"""Worlds with deliberately broken mechanisms, for laws that must then fail."""

import dataclasses

import numpy as np
import pytest

from knowntruth.world.definition.world import load
from knowntruth.world.invariants.trial import Trial, with_rule

SESSIONS = 20_000


@pytest.fixture(scope="session")
def published():
    return Trial(load("published"), 1, SESSIONS)


@pytest.fixture
def broken():
    """Return a function that gives published with other rules: ``name=change``, change(made, dials, at, noise)."""

    def build(**changes):
        world = load("published")
        for name, change in changes.items():
            m = next(m for m in world.mechanisms if m.name == name)

            def rule(dials, at, noise, m=m, change=change):
                return change(m.rule(dials, at, noise), dials, at, noise)

            world = with_rule(world, m, rule)
        return Trial(world, 1, SESSIONS)

    return build


@pytest.fixture
def channel(broken):
    """Return a function that lets a mechanism tell what it reads to another, which declares no such parent."""

    def build(teller, parent, listener):
        told = {}

        def tell(made, dials, at, noise):
            told.update(zip(keys(noise), getattr(at, parent).astype(float), strict=True))
            return made

        def listen(made, dials, at, noise):
            return made + 0.01 * np.array([told.get(key, 0.0) for key in keys(noise)])

        return broken(**{teller: tell, listener: listen})

    def keys(noise):
        return zip(noise.users.tolist(), noise.sessions.tolist(), strict=True)

    return build


@pytest.fixture
def declaring():
    """Return a function that gives published with more declared parents for one mechanism."""

    def build(name, *parents):
        world = load("published")
        more = tuple(
            dataclasses.replace(m, parents=(*m.parents, *parents)) if m.name == name else m for m in world.mechanisms
        )
        return Trial(dataclasses.replace(world, mechanisms=more), 1, SESSIONS)

    return build


@pytest.fixture
def global_luck():
    """Put numpy's global random state back after a test that breaks the law about it."""
    before = np.random.get_state()  # noqa: NPY002
    yield
    np.random.set_state(before)  # noqa: NPY002
