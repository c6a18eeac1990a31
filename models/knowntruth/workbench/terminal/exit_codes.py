"""Exit codes of commands: a code for programs, one message for people, and no traceback.

==== ==========================================================================================
code meaning
==== ==========================================================================================
0    done
1    the answer is no, or a diagnostic failed
2    bad input, or an output that cannot be written
130  interrupted from the keyboard (143: asked to stop by the system)
==== ==========================================================================================

An interrupt is raised as `Stopped`, not ``KeyboardInterrupt``: some samplers catch the latter and return the draws
so far, and a study of half the draws must not look like a complete one.
"""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Final

from knowntruth.common.errors import InputError

DONE: Final = 0
NO: Final = 1
BAD_INPUT: Final = 2


class Stopped(SystemExit):
    """The user or the system asked the command to stop; ``code`` is 128 plus the signal's number."""


def stop_politely() -> None:
    """Let Ctrl-C and a request to terminate unwind the program, so that it cleans up; a second one kills it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)


NOTE_PREFIX: Final = "what "
"""How a note on an interrupt begins that states what the run leaves behind."""

NOTHING_LEFT: Final = "what this run had begun is removed, earlier results are untouched"


def _stop(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    raise Stopped(128 + number)


def code_of(command: Callable[[], None]) -> int:
    """Run ``command`` and return its exit code, reporting errors to the user on standard error.

    A note on an interrupt states what it leaves behind. Errors of the program, not of the user, keep their
    traceback.
    """
    try:
        command()
    except InputError as error:
        return _report(str(error), BAD_INPUT)
    except (Stopped, KeyboardInterrupt) as end:
        code = end.code if isinstance(end, Stopped) and isinstance(end.code, int) else 130
        notes = getattr(end, "__notes__", [])  # Python adds notes of its own, on where the interrupt came
        left = [note for note in notes if note.startswith(NOTE_PREFIX)] or [NOTHING_LEFT]
        return _report(f"interrupted: {left[-1]}", code)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE
    except MemoryError:
        return _report("out of memory: ask for fewer --sessions", BAD_INPUT)
    return DONE


def print_text(text: str) -> None:
    """Print ``text`` on standard output; a closed pipe, as after ``| head``, is not an error."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python flushes at its end


def _report(message: str, code: int) -> int:
    sys.stderr.write(f"knowntruth: {message}\n")
    return code
