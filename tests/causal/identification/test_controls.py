"""Each textbook bad control is named, with its path; and in a linear world it does the harm that is said."""

import numpy as np
import pytest

from knowntruth.causal.identification import exact_worlds
from knowntruth.causal.identification.adjustment import is_sufficient
from knowntruth.causal.identification.controls import classify_controls, describe_controls
from knowntruth.common.errors import InputError

KNOWN = [
    # arrows, hidden, held, kind of the first, path
    ("x>m m>y", "", "m", "mediator", "x → m → y"),
    ("x>m m>y m>d", "", "d", "after a mediator", "x → m → d"),
    ("x>y y>d", "", "d", "after the outcome", "x → y → d"),
    ("x>y x>s v>s v>y", "v", "s", "collider", "x → s ← v → y"),
    ("x>y u>x u>c v>c v>y", "uv", "c", "M-bias", "x ← u → c ← v → y"),
    ("x>y u>x u>c v>c v>y c>d", "uv", "d", "M-bias", "x ← u → c ← v → y"),
    ("x>y z>x u>x u>y", "u", "z", "instrument", "z → x"),
    ("x>y c>x c>y", "", "c", "confounder", "x ← c → y"),
    ("x>y x>s", "", "s", "after the treatment", "x → s"),
    ("x>y p>y", "", "p", "harmless", ""),
    ("x>y u>x u>c v>c v>y c>x c>y a>x", "uv", "ca", "M-bias", "x ← u → c ← v → y"),  # the butterfly
]  # fmt: skip


@pytest.mark.parametrize(("arrows", "hidden", "held", "kind", "path"), KNOWN)
def test_textbook_controls(graph_of, arrows, hidden, held, kind, path):
    found = classify_controls(graph_of(arrows, hidden), "x", "y", list(held))[0]
    assert (found.kind, found.path) == (kind, path)


@pytest.mark.parametrize("case", [case for case in KNOWN if case[3] in ("mediator", "after a mediator",
                         "after the outcome", "collider", "M-bias") and len(case[2]) == 1])  # fmt: skip
def test_bad_controls_bias_and_good_ones_do_not(graph_of, case):
    arrows, hidden, held, *_ = case
    graph, rng = graph_of(arrows, hidden), np.random.default_rng(1)
    assert not is_sufficient(graph, "x", "y", held)
    world = exact_worlds.random_linear_world(graph, rng)
    assert abs(world.slope("y", "x", held) - world.effect("x", "y")) > 0.01
    assert world.slope("y", "x", []) == pytest.approx(world.effect("x", "y"))
    assert classify_controls(graph, "x", "y", held)[0].bad


def test_an_instrument_held_makes_the_bias_worse(graph_of):
    weights = dict.fromkeys([("x", "y"), ("z", "x"), ("u", "x"), ("u", "y")], 1.0)
    world = exact_worlds.LinearWorld(graph_of("x>y z>x u>x u>y", "u"), weights)
    assert abs(world.slope("y", "x", ["z"]) - 1) > abs(world.slope("y", "x", []) - 1) > 0.1


def test_a_sentence_says_it_all(graph_of):
    said = describe_controls(graph_of("x>m m>y c>x c>y"), "x", "y", ["c", "m"])
    assert said.startswith("adjusting for c, m is not sufficient; m is on a causal path from treatment to outcome")
    assert "(x → m → y)" in said
    assert describe_controls(graph_of("c>x c>y x>y"), "x", "y", ["c"]) == "adjusting for c is sufficient"


def test_what_cannot_be_held_is_said(graph_of):
    graph = graph_of("x>y month>x month>y u>y", "u")
    for held, says in (("mnth", "did you mean 'month'"), ("u", "'u' is hidden"), ("y", "not a control")):
        with pytest.raises(InputError, match=says):
            classify_controls(graph, "x", "y", [held])
