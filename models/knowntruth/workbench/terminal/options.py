"""Shared arguments and options of the commands, so that one name means the same everywhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from knowntruth.common.errors import InputError
from knowntruth.common.seeds import MAX_SEED_32

MIN_SIMULATED: Final = 10

DEFAULT_SESSIONS: Final = 40_000

PUBLISHED_SIZE: Final = "398,198 sessions from 234,751 users"


def at_least(least: int) -> Callable[[Any], int]:
    """Return a parser of a number of sessions that refuses fewer than ``least``."""

    def sessions(text: Any) -> int:
        try:
            number = int(str(text).replace("_", "").replace(",", ""))
        except ValueError:
            number = -1
        if number < least:
            raise typer.BadParameter(f"{text!r} is not allowed; give a whole number, {least:,} or more")
        return number

    return sessions


def split_names(text: str) -> tuple[str, ...]:
    """Return the names in a text that has commas between them.

    Examples
    --------
    >>> split_names("mode, month,")
    ('mode', 'month')
    """
    return tuple(name.strip() for name in text.split(",") if name.strip())


World = Annotated[
    str, typer.Argument(metavar="WORLD", help="A world's name (see `knowntruth worlds`) or a TOML file.")
]
Simulated = Annotated[
    int, typer.Option(metavar="N", parser=at_least(MIN_SIMULATED), help=f"How many; at least {MIN_SIMULATED}.")
]
Seed = Annotated[
    int, typer.Option(metavar="S", min=0, max=MAX_SEED_32, help="The same seed gives the same bytes on any machine.")
]
Sessions = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        parser=at_least(MIN_SIMULATED),
        show_default=f"{DEFAULT_SESSIONS:,}",
        help=f"How many; at least {MIN_SIMULATED}.",
    ),
]
Full = Annotated[bool, typer.Option("--full", help=f"The published size: {PUBLISHED_SIZE}.")]
Perfect = Annotated[bool, typer.Option("--perfect-instruments", help="Make every label, rating and price correct.")]
Workers = Annotated[int | None, typer.Option(metavar="N", min=1, help="Processes; one per core by default.")]
Out = Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of a table for people.")]


def resolve_size(sessions: int | None, full: bool) -> int | None:
    """Return the requested number of sessions; None means the published size."""
    if full and sessions is not None:
        raise InputError("--full and --sessions both set the size; give one of them")
    return None if full else sessions or DEFAULT_SESSIONS
