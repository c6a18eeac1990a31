from operator import attrgetter

import pytest

from knowntruth.common.errors import InputError
from knowntruth.engine.dials import NoDials, field_facts
from knowntruth.world.definition.world import load, names

BROKEN = {
    "unknown dial": ("[difficulty]\nby_abilty = 1.0", "did you mean 'by_ability'"),
    "unknown table": ("[dificulty]\nspread = 1.0", "did you mean 'difficulty'"),
    "unknown key": ("colour = 3", "unknown table or key 'colour'"),
    "text for a number": ("[difficulty]\nspread = 'wide'", "got 'wide'"),
    "out of range": ("[difficulty]\nspread = -1.0", "greater than or equal to 0.01, got -1.0"),
    "infinite": ("[difficulty]\nspread = inf", "finite number"),
    "not a number": ("[difficulty]\nspread = nan", "finite number"),
    "number for a table": ("difficulty = 3", "got 3"),
    "unknown category": ("[difficulty.by_mode]\nbilud = 0.1", "unknown bilud; allowed: plan, build"),
    "wrong length": ("[difficulty]\nby_domain = [1.0, 2.0]", "at least 5 items"),
    "broken TOML": ("[difficulty\nspread = 1", "not valid TOML"),
    "number for a name": ("description = 3", "description must be text"),
}


@pytest.mark.parametrize("name", names())
def test_named_worlds_load_and_say_what_they_teach(name):
    world = load(name)
    assert world.description and world.lesson
    assert name == "published" or world.differences(load("published"))


def test_published_says_every_dial_itself():
    world = load("published")
    assert world.based_on is None
    assert world.turn().differences(world) == []


@pytest.mark.parametrize(
    "kind",
    sorted({type(d) for d in load("published").dials.values()} - {NoDials}, key=attrgetter("__name__")),
    ids=attrgetter("__name__"),
)
def test_every_dial_has_meaning_unit_range_and_source(kind):
    for name, info in kind.model_fields.items():
        assert all(field_facts(info)), f"{kind.__name__}.{name}"


@pytest.mark.parametrize("case", BROKEN)
def test_broken_world_files_are_refused_with_one_clear_message(tmp_path, case):
    text, message = BROKEN[case]
    path = tmp_path / "mine.toml"
    path.write_text(f'based_on = "published"\n{text}\n' if case != "number for a name" else text)
    with pytest.raises(InputError, match=message) as caught:
        load(path)
    assert "mine" in str(caught.value)


def test_a_missing_dial_is_named(tmp_path):
    path = tmp_path / "bare.toml"
    path.write_text("[difficulty]\nspread = 1.0\n")
    with pytest.raises(InputError, match="missing"):
        load(path)


def test_a_circle_of_worlds_is_refused(tmp_path):
    path = tmp_path / "round.toml"
    path.write_text(f'based_on = "{path}"\n')
    with pytest.raises(InputError, match="circle"):
        load(path)


@pytest.mark.parametrize("name", ["publishd", "nowhere.toml", "/no/such/folder/x.toml"])
def test_missing_worlds_are_named(name):
    with pytest.raises(InputError, match=r"published|cannot read"):
        load(name)


def test_a_file_inherits_from_a_named_world_and_from_another_file(tmp_path):
    parent, child = tmp_path / "parent.toml", tmp_path / "child.toml"
    parent.write_text('based_on = "null"\n[difficulty]\nspread = 0.5\n')
    child.write_text(f'based_on = "{parent}"\n[difficulty]\nby_ability = 0.9\n')
    world = load(child)
    changed = {dial: here for dial, here, _ in world.differences(load("null"))}
    assert changed == {"difficulty.spread": 0.5, "difficulty.by_ability": 0.9}


def test_turning_checks_like_loading():
    with pytest.raises(InputError, match="halo"):
        load("published").turn(rated_expertise={"halo": 99.0})
