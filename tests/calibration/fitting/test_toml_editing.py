"""A world's file keeps its author's hand: only the numbers that a calibration found are changed."""

import pytest

from knowntruth.calibration.fitting.toml_editing import rewrite_dials
from knowntruth.calibration.simulation.dial_paths import read_dial, turn_dials
from knowntruth.common.errors import InputError
from knowntruth.world.definition.world import load

SETTINGS = {
    "goal_chance.share": 0.9123456789,
    "goal_chance.by_mode.test": 0.25,
    "occupation.base.sales": -2.25,
    "coding_level.cuts.2": -0.1,
    "catch_chance.by_domain.1": -1.5,
}
ERRORS = {"goal_chance.share": 0.0123, "coding_level.cuts.2": 0.02}


def published_text():
    from importlib.resources import files

    return (files("knowntruth.world") / "worlds/published.toml").read_text(encoding="utf-8")


def test_the_file_that_is_written_is_the_world_that_was_turned(tmp_path):
    world = load("published")
    (tmp_path / "mine.toml").write_text(rewrite_dials(published_text(), world, SETTINGS, ERRORS), encoding="utf-8")
    again = load(tmp_path / "mine.toml")
    rounded = SETTINGS | {"goal_chance.share": 0.912346}
    assert again.values() == turn_dials(world, rounded).values()


def test_only_lines_of_changed_dials_change_and_carry_their_error():
    before, after = published_text(), rewrite_dials(published_text(), load("published"), SETTINGS, ERRORS)
    old, new = before.splitlines(), after.splitlines()
    changed = [b for a, b in zip(old, new, strict=True) if a != b]
    assert len(changed) == len(SETTINGS)
    assert any("share = 0.912346  # calibrated: ± 0.012" in line for line in changed)
    assert any(line.endswith("# calibrated: 2 ± 0.02") for line in changed)


def test_writing_twice_changes_nothing_and_a_second_error_joins_the_first():
    world, text = load("published"), published_text()
    once = rewrite_dials(text, world, SETTINGS, ERRORS)
    assert rewrite_dials(once, turn_dials(world, SETTINGS), SETTINGS, ERRORS) == once
    more = rewrite_dials(
        once, turn_dials(world, SETTINGS), {"coding_level.cuts.3": 0.6}, {"coding_level.cuts.3": 0.1}
    )
    assert "# calibrated: 2 ± 0.02, 3 ± 0.1" in more


def test_a_world_that_is_based_on_another_gets_the_sections_that_it_lacks(tmp_path):
    text = 'based_on = "null"\ndescription = "Mine."\n\n[matching_chance]\nfinished = 0.3\n'
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    world = load(tmp_path / "mine.toml")
    (tmp_path / "found.toml").write_text(rewrite_dials(text, world, SETTINGS, {}), encoding="utf-8")
    found = load(tmp_path / "found.toml")
    assert found.based_on == "null"
    assert found.values() == turn_dials(world, SETTINGS | {"goal_chance.share": 0.912346}).values()


@pytest.mark.parametrize("path", ["goal_chance", "goal_chance.shore", "goal_chance.share.1", "coding_level.cuts.5",
                                  "coding_level.cuts", "outcome.perfect", "nothing.at.all"])  # fmt: skip
def test_a_path_that_leads_nowhere_is_refused_in_words(path):
    with pytest.raises(InputError, match=r"section\.dial"):
        read_dial(load("published").values(), path)


def test_an_entry_that_a_table_leaves_out_counts_as_nought():
    tree = load("published").values()
    assert read_dial(tree, "goal_chance.by_mode.test") == 0.0
    assert read_dial(tree, "coding_level.cuts.1") == tree["coding_level"]["cuts"][0]
