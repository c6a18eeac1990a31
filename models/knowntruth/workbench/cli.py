"""The command line of ``knowntruth``.

The argument is a WORLD, by name or as the path of a TOML file, or DATA, a file or folder with the observed schema.
Every command that simulates takes ``--sessions`` and ``--seed``, every command that writes ``--out``, every command
that prints a table ``--json``. Each command is a file in `commands`; `terminal.exit_codes` lists the exit codes.
"""

import sys
from functools import partial
from typing import Annotated

import typer

from knowntruth.workbench.commands import PANELS
from knowntruth.workbench.terminal import exit_codes

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"knowntruth {version('knowntruth')}")
        raise typer.Exit


@app.callback(epilog="Start with: [bold]knowntruth study[/bold], then open study/report.html.")
def knowntruth(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Find out whether a study of people and coding agents recovers the truth.

    Simulates users and sessions whose true effects are known, measures them
    with the instruments that the study used, and compares every analysis
    with the truth.
    """


for _panel, _commands in PANELS.items():
    for _command in _commands:
        app.command(rich_help_panel=_panel)(_command)


def main() -> None:
    """Run the command line, and exit with its code."""
    exit_codes.stop_politely()
    sys.exit(exit_codes.code_of(partial(app, prog_name="knowntruth")))
