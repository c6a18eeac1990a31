"""Laws that hold without a single breach: each is broken by a mechanism made to break it."""

import numpy as np
import pytest

from knowntruth.world.invariants.code import declared_parents, own_noise
from knowntruth.world.invariants.consistency import consistency
from knowntruth.world.invariants.determinism import determinism, order, pieces, prefix, repetition
from knowntruth.world.invariants.interventions import common_noise, exclusion


def drawn_elsewhere(made, dials, at, noise):
    return made + np.random.normal(size=len(made))  # noqa: NPY002


def drawn_in_sequence(made, dials, at, noise):
    return made + np.random.default_rng(noise.seed).normal(size=len(made))


def reversed_rows(made, dials, at, noise):
    return made[::-1].copy()


def looks_at_others(made, dials, at, noise):
    """Everyone's tasks follow what all who are there know on average."""
    return made + at.domain_expertise.mean()


def named(law, text):
    assert not law.holds
    assert law.worst > law.allowed == 0
    assert text in law.note


def test_who_looks_at_others_breaks_consistency(broken):
    domain, coding = consistency(broken(difficulty=looks_at_others))
    named(domain, "difficulty differs for")
    named(coding, "difficulty differs for")  # coding moves the mode, the mode the fit of trade and task
    assert domain.n == 1000


def test_an_undeclared_channel_breaks_common_noise_and_exclusion(channel):
    """The encouraged are answered at greater length, as the answering mechanism learns on the quiet."""
    trial = channel("domain_expected", "encouraged", "word_pace")
    named(exclusion(trial), "encouraged affects word_pace other than through its children")
    trial = channel("intended_mode", "coding_expertise", "leave_chance")
    named(common_noise(trial), "do(coding_expertise) changes leave_chance")


def test_an_undeclared_channel_carries_luck(channel):
    named(
        own_noise(channel("intended_mode", "coding_expertise", "leave_chance")),
        "noise of coding_level changes leave_chance",
    )


@pytest.mark.usefixtures("global_luck")
def test_luck_from_elsewhere_breaks_repetition(broken):
    trial = broken(difficulty=drawn_elsewhere)
    named(repetition(trial), "difficulty differs")


@pytest.mark.usefixtures("global_luck")
def test_touching_the_global_state_alone_breaks_repetition(broken):
    def touches(made, dials, at, noise):
        np.random.normal()  # noqa: NPY002
        return made

    named(repetition(broken(difficulty=touches)), "numpy's global random state is drawn from")


@pytest.mark.parametrize("change", [reversed_rows, drawn_in_sequence])
def test_luck_by_position_breaks_order(broken, change):
    named(order(broken(difficulty=change)), "difficulty depends on the order")


@pytest.mark.parametrize("change", [reversed_rows, drawn_in_sequence, looks_at_others])
def test_who_else_is_there_breaks_pieces_and_beginnings(broken, change):
    trial = broken(difficulty=change)
    named(pieces(trial), "difficulty depends on other people")
    if change is not drawn_in_sequence:  # the first draws of a sequence are the same whatever its length
        named(prefix(trial), "difficulty depends on the sample size")


def test_another_selection_breaks_beginnings(broken):
    def crowded(made, dials, at, noise):
        away = (noise.users + len(noise.users)) % 97 < 20  # so that two sizes hardly ever come to the same
        return made | {"surface": np.where(away, 3, made["surface"]).astype(np.int8)}

    named(prefix(broken(surface_used=crowded)), "other sessions are drawn")


def test_an_unread_parent_is_named(declaring):
    named(declared_parents(declaring("patience", "ability")), "patience never reads its parent ability")


def test_published_keeps_them_all(published):
    found = [*consistency(published), *determinism(published), declared_parents(published), own_noise(published)]
    assert [law.note for law in found if not law.holds] == []
    through = exclusion(published)
    assert through.holds
    assert "encouraged acts only through domain_expected" in through.note


def test_luck_of_their_own(published):
    assert {"ability", "domain_expertise", "prompts"} <= set(published.noisy_variables)
    assert not {"error_chance", "goal_chance", "domain_propensity_1", "true_success"} & set(published.noisy_variables)
