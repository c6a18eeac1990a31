"""How a command shows a table: on standard output, for people or for programs."""

from typing import TYPE_CHECKING

from knowntruth.workbench import ends

if TYPE_CHECKING:
    import pandas as pd


def show(frame: "pd.DataFrame", json: bool, title: str = "") -> None:
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
