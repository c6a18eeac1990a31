"""Every dial is declared in full, and what reads the declarations reads them all: the message says what to add."""

import pytest

from knowntruth.engine.dials import THREATS, field_facts
from knowntruth.workbench.panel.state.dials import DIALS
from knowntruth.world.definition.dial_table import DialFacts, dial_table
from knowntruth.world.definition.registry import MECHANISMS
from knowntruth.world.definition.search_ranges import FILE, SearchRange, search_ranges, search_starts
from knowntruth.world.definition.world import load

PATHS = {row.path for row in dial_table()}
ROWS = [*search_ranges("fitted"), *search_ranges("free")]


@pytest.mark.parametrize("row", dial_table(), ids=lambda row: row.path)
def test_a_declaration_is_complete(row: DialFacts) -> None:
    lacks = [name for name in ("meaning", "unit", "allowed", "source") if not getattr(row, name)]
    assert not lacks, f"{row.path} lacks {', '.join(lacks)}: add it to its dial(...), chance(...) or table(...)"
    assert row.threat in THREATS, (
        f"{row.path} has the unknown threat {row.threat!r}: set threat= of its declaration or of its class to one of "
        f"{', '.join(THREATS)}"
    )
    unknown = set(row.panel) - {each.name for each in DIALS}
    assert not unknown, (
        f"{row.path} is turned by {', '.join(sorted(unknown))}, which the panel does not have: add a row to DIALS in "
        "workbench/panel/state/dials.py, or correct panel= of the declaration"
    )


def test_every_dial_of_the_published_world_is_in_the_table() -> None:
    in_world = {f"{mechanism}.{dial}" for mechanism, dials in load("published").values().items() for dial in dials}
    assert in_world == PATHS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.dial)
def test_a_search_range_is_of_a_dial_lies_in_what_is_possible_and_says_why(row: SearchRange) -> None:
    assert row.mechanism_and_dial in PATHS, f"{row.dial} in {FILE} is no dial: correct its path, or declare the dial"
    assert row.lower < row.upper, f"{row.dial} in {FILE}: the lower end must lie below the upper one"
    assert row.why, f"{row.dial} in {FILE} lacks a reason: add it as the fourth entry of the row"
    mechanism, name = row.mechanism_and_dial.split(".")
    kind = next(each.dials for each in MECHANISMS if each.name == mechanism)
    limits = field_facts(kind.model_fields[name])[2]
    for mark in kind.model_fields[name].metadata:
        inside = getattr(mark, "ge", row.lower) <= row.lower and row.upper <= getattr(mark, "le", row.upper)
        assert inside, (
            f"{row.dial} in {FILE} is searched from {row.lower} to {row.upper}, but its dial allows {limits}"
        )


@pytest.mark.parametrize("search", ["fitted", "free"])
def test_no_number_is_searched_twice_in_one_search(search: str) -> None:
    paths = [row.dial for row in search_ranges(search)]
    twice = sorted({path for path in paths if paths.count(path) > 1})
    assert not twice, f"{', '.join(twice)} has two rows in {search!r} of {FILE}: keep one"


def test_starts_are_of_numbers_that_are_searched() -> None:
    searched = {row.dial for row in ROWS}
    for name, start in search_starts().items():
        unknown = sorted(set(start) - searched)
        assert not unknown, f"start {name!r} sets {', '.join(unknown)}, which no row of {FILE} searches: add a row"


def test_every_dial_of_the_panel_turns_something_and_reads_what_it_turns() -> None:
    for each in DIALS:
        assert each.turns, f"panel dial {each.name!r} turns nothing: add panel={{'{each.name}': ...}} to a dial(...)"
        unread = set(each.reads) - set(each.turns)
        assert not unread, f"panel dial {each.name!r} reads {', '.join(sorted(unread))}, which it does not turn"
        per_unit = sum(factor * each.turns[path] for path, factor in each.reads.items())
        assert per_unit == pytest.approx(1.0), (
            f"one unit of panel dial {each.name!r} moves its position by {per_unit:g}"
        )
