"""How a command shows a table: on standard output, for people or for programs."""

from typing import TYPE_CHECKING

from knowntruth.workbench.terminal import exit_codes

if TYPE_CHECKING:
    import pandas as pd


def show(frame: "pd.DataFrame", json: bool, title: str = "") -> None:
    """Print a table on standard output, for people or as a JSON list of records."""
    if json:
        exit_codes.print_text(
            frame.to_json(orient="records", indent=2, double_precision=15, force_ascii=False) + "\n"
        )
        return
    from rich.console import Console

    from knowntruth.workbench.output.tables import terminal_table

    console = Console(highlight=False)
    with console.capture() as printed:
        console.print(terminal_table(frame, title=title))
    exit_codes.print_text(printed.get())
