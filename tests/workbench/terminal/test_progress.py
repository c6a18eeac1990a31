"""The display of progress: plain lines in a log, one moving line on a terminal, nothing when quiet."""

import io

import pytest
from rich.console import Console

from knowntruth.workbench.terminal.progress import Steps, remaining


def shown(terminal: bool, quiet: bool = False) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=100, quiet=quiet)
    with Steps({"one": 1, "two": 3}, console, quiet) as steps:
        with steps.step("one", "Simulating"):
            pass
        with steps.step("two", "Fitting") as advance:
            advance("half way", 0.5)
        assert set(steps.seconds) == {"one", "two"}
    return stream.getvalue()


def test_a_log_gets_one_plain_line_a_step():
    assert shown(terminal=False) == "  1/2  Simulating …\n  2/2  Fitting …\n"


def test_a_terminal_shows_each_step_with_its_time():
    text = shown(terminal=True)
    assert "Simulating: 0.0 s" in text
    assert "Fitting: 0.0 s" in text


def test_quiet_is_silent():
    assert shown(terminal=True, quiet=True) == ""


def test_a_step_that_fails_is_not_called_done():
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=100)
    with pytest.raises(ZeroDivisionError), Steps({"one": 1}, console) as steps, steps.step("one", "Simulating"):
        raise ZeroDivisionError
    assert "Simulating:" not in stream.getvalue()


@pytest.mark.parametrize(
    ("elapsed", "done", "words"),
    [
        (1.0, 1.0, ""),
        (10.0, 0.0, ""),
        (10.0, 4.0, ""),
        (10.0, 2.0, "about 10 s left"),
        (60.0, 1.0, "about 3 min left"),
    ],
)
def test_what_remains_is_guessed_only_when_something_is_known(elapsed, done, words):
    assert remaining(elapsed, done, total=4.0) == words
