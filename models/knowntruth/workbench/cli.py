"""The grammar of ``knowntruth``: what can be asked on the command line.

The argument is a WORLD, by name or as the path of a TOML file. Every command that simulates takes ``--sessions``
and ``--seed``, every command that writes ``--out``, every command that prints a table ``--json``. How commands
end stands in `ends`.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from knowntruth.datasets.errors import InputError
from knowntruth.workbench import ends

if TYPE_CHECKING:
    import pandas as pd

LEAST_SIMULATED: Final = 10
LEAST_LAWFUL: Final = 1000
"""The same as `laws.suite.LEAST_SESSIONS`, here for the same reason as the next."""

LEAST_STUDIED: Final = 1000
"""The same as `study.LEAST_SESSIONS`, here so that ``--help`` need not load the study."""

LARGEST_SEED: Final = 2**32 - 1
"""What every sampler takes."""

DEFAULT_SESSIONS: Final = 40_000

STREAMED_ABOVE: Final = 1_000_000
"""More sessions than this are written part by part, for they would fill the memory."""

PUBLISHED_SIZE: Final = "398,198 sessions from 234,751 users"

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)  # fmt: skip


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


World = Annotated[
    str, typer.Argument(metavar="WORLD", help="A world's name (see `knowntruth worlds`) or a TOML file.")
]
Simulated = Annotated[
    int, typer.Option(metavar="N", parser=at_least(LEAST_SIMULATED), help=f"How many; at least {LEAST_SIMULATED}.")
]
Seed = Annotated[
    int, typer.Option(metavar="S", min=0, max=LARGEST_SEED, help="The same seed gives the same bytes, anywhere.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of a table for people.")]


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - loaded when used

        typer.echo(f"knowntruth {version('knowntruth')}")
        raise typer.Exit


@app.callback(epilog="Begin with: [bold]knowntruth study[/bold], then open study/report.html.")
def knowntruth(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")] = False,
) -> None:
    """Find out whether a study of people and coding agents recovers the truth.

    Makes synthetic users and sessions whose truth is known, watches them
    through the instruments that the study used, and asks every analysis
    whether it found what was there.
    """


@app.command()
def study(
    world: Annotated[str, typer.Option(metavar="NAME|PATH", help="A world's name or a TOML file.")] = "published",
    sessions: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=at_least(LEAST_STUDIED),
            show_default="40,000",
            help=f"How many; at least {LEAST_STUDIED:,}.",
        ),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help=f"The published size: {PUBLISHED_SIZE}.")] = False,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the results.")] = Path("study"),
    perfect_instruments: Annotated[
        bool, typer.Option("--perfect-instruments", help="Let every label, rating and price be right.")
    ] = False,
    json: Json = False,
) -> None:
    """Run the whole study on one world and write the report.

    Simulates, computes the study's tables, fits the Bayesian models, runs
    the causal checks, and lays every answer beside the truth. Takes a minute
    or two on two cores, --full five to ten.

    [bold]Examples[/bold]

      knowntruth study

      knowntruth study --world confounded --out confounded

      knowntruth study --world null --perfect-instruments --seed 7 --out null-perfect

    Ends with 0, or with 1 if a diagnostic of the sampler failed, so that
    the posterior must not be used.
    """
    from knowntruth.workbench import jobs  # noqa: PLC0415 - heavy: loaded when used

    results = jobs.conduct(world, _size(sessions, full), seed=seed, out=out, perfect_instruments=perfect_instruments)
    _print(results.claims[["claim", "unit", "published", "seen", "perfect", "true"]], json, title="Claims")
    sys.stderr.write(f"\nOpen {out / 'report.html'}\n")
    if results.bayes.failed:
        sys.stderr.write(
            "knowntruth: a diagnostic of the sampler failed; see the report before using the posterior\n"
        )
        raise typer.Exit(ends.NO)


@app.command()
def simulate(
    world: World,
    sessions: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            parser=at_least(LEAST_SIMULATED),
            show_default="40,000",
            help=f"How many; at least {LEAST_SIMULATED}.",
        ),
    ] = None,
    full: Annotated[bool, typer.Option("--full", help=f"The published size: {PUBLISHED_SIZE}.")] = False,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the tables.")] = Path("simulated"),
    perfect_instruments: Annotated[
        bool, typer.Option("--perfect-instruments", help="Let every label, rating and price be right.")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Write in parts, made by so many processes.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Write in parts, made on a Dask cluster: tcp://host:8786.")
    ] = None,
) -> None:
    """Simulate sessions of a world and write what is seen and what is true, apart.

    More than a million sessions are written in parts, by one process a core
    if nothing else is said, in flat memory; the rows are the same. Interrupt
    it, or let it be killed: the same command goes on from there.

    [bold]Examples[/bold]

      knowntruth simulate published

      knowntruth simulate my_world.toml --sessions 5000 --seed 3 --out mine

      knowntruth simulate published --sessions 40_000_000 --out many
    """
    from knowntruth.workbench import jobs  # noqa: PLC0415 - heavy: loaded when used

    size = _size(sessions, full)
    in_parts = workers is not None or cluster is not None
    if size is None and in_parts:
        raise InputError("--full is written at once, in seconds; leave out --workers and --cluster")
    if size is not None and (in_parts or size > STREAMED_ABOVE):
        done = jobs.streamed(world, size, seed=seed, out=out, perfect_instruments=perfect_instruments,
                             workers=workers, cluster=cluster)  # fmt: skip
        parts = f"{done.parts:,} part{'s' * (done.parts > 1)}"
        before = f", {done.kept:,} of them there before" if done.kept else ""
        sys.stderr.write(f"Wrote {out / 'observed'} and {out / 'truth'} in {parts}{before}\n")
        return
    jobs.simulated(world, size, seed=seed, out=out, perfect_instruments=perfect_instruments)
    sys.stderr.write(f"Wrote {out / 'observed.parquet'} and {out / 'truth.parquet'}\n")


@app.command()
def truth(world: World, sessions: Simulated = 100_000, seed: Seed = 1, json: Json = False) -> None:
    """Print the true effects of expertise in a world, each with the error of its simulation.

    Found by giving every session each level of expertise in turn: the same
    people with the same luck.

    [bold]Example[/bold]

      knowntruth truth confounded --json
    """
    from knowntruth.world import truth as truths  # noqa: PLC0415 - heavy: loaded when used
    from knowntruth.world import world as worlds_of  # noqa: PLC0415

    found = truths.truth(worlds_of.load(world), sessions, seed=seed)
    _print(found.rename(columns={"mcse": "error", "n": "sessions"}), json, title=f"True effects in {world}")


@app.command()
def worlds(json: Json = False) -> None:
    """List the worlds that come with the package, and what each can teach.

    Your own world is a TOML file that says what differs, for example:

      based_on = "published"

      [difficulty]
      by_ability = 0.0
    """
    import pandas as pd  # noqa: PLC0415 - heavy: loaded when used

    from knowntruth.world.world import load, names  # noqa: PLC0415

    rows = [(w.name, w.description, w.lesson) for w in map(load, names())]
    _print(pd.DataFrame(rows, columns=["world", "description", "lesson"]), json)


@app.command()
def laws(
    world: World,
    sessions: Annotated[
        int,
        typer.Option(metavar="N", parser=at_least(LEAST_LAWFUL), help=f"How many; at least {LEAST_LAWFUL:,}."),
    ] = 20_000,
    seed: Seed = 1,
    json: Json = False,
) -> None:
    """Ask whether a world keeps the laws on which its truth rests.

    The same people with the same luck, effects along declared arrows alone,
    the same bytes in any order, exported chances that are those of the
    draws, and the independencies that the graph implies.

    [bold]Examples[/bold]

      knowntruth laws published

      knowntruth laws my_world.toml --sessions 100000

    Ends with 0, or with 1 if a law is broken.
    """
    from knowntruth.workbench import jobs  # noqa: PLC0415 - heavy: loaded when used

    answers = jobs.judged(world, sessions, seed=seed)
    _print(answers if json else answers.drop(columns="question"), json, title=f"Laws in {world}")
    broken = int((~answers["holds"]).sum())
    sys.stderr.write(f"{broken} of {len(answers)} laws are broken\n" if broken else f"{len(answers)} laws hold\n")
    if broken:
        raise typer.Exit(ends.NO)


@app.command()
def graph(
    world: World,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the graph as SVG, DOT, GML, dagitty text and JSON.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Write all variables, not the main ones only.")] = False,
    json: Json = False,
) -> None:
    """Print a world's variables, and for each the variables that move it directly.

    With --out, write a picture and text for other tools instead. They show
    the arrows that do something in this world.

    [bold]Examples[/bold]

      knowntruth graph published --json

      knowntruth graph mediation --out mediation
    """
    if out is not None:
        from knowntruth.workbench import jobs  # noqa: PLC0415 - heavy: loaded when used

        jobs.drawn(world, out, everything=everything)
        sys.stderr.write(f"Wrote {out / 'graph.svg'} and its text for other tools\n")
        return
    if everything:
        raise InputError("--all says what to write; give a folder with --out too (the table has all variables)")
    import pandas as pd  # noqa: PLC0415 - heavy: loaded when used

    from knowntruth.world import graph as graphs  # noqa: PLC0415
    from knowntruth.world.world import load  # noqa: PLC0415

    made = graphs.graph(load(world))
    rows = [
        (name, node["level"], bool(node["observed"]), ", ".join(sorted(made.predecessors(name))), node["meaning"])
        for name, node in made.nodes(data=True)
    ]
    _print(pd.DataFrame(rows, columns=["variable", "level", "seen", "moved by", "meaning"]), json)


def _size(sessions: int | None, full: bool) -> int | None:
    """Return the number of sessions asked for; None means the published size."""
    if full and sessions is not None:
        raise InputError("--full is the published size and --sessions another; give one of them")
    return None if full else sessions or DEFAULT_SESSIONS


def _print(frame: "pd.DataFrame", json: bool, title: str = "") -> None:
    """Print a table on standard output, for people or as a JSON list of records."""
    if json:
        ends.say(frame.to_json(orient="records", indent=2, double_precision=15, force_ascii=False) + "\n")
        return
    from rich.console import Console  # noqa: PLC0415 - loaded when used

    from knowntruth.workbench.grids import terminal_table  # noqa: PLC0415

    console = Console(highlight=False)
    with console.capture() as printed:
        console.print(terminal_table(frame, title=title))
    ends.say(printed.get())


def main() -> None:
    """Run the command line, and exit with its code."""
    ends.stop_politely()
    sys.exit(ends.code_of(partial(app, prog_name="knowntruth")))
