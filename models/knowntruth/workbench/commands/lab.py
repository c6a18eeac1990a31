"""``knowntruth lab``: JupyterLab on the notebooks, or the panel as a page of its own."""

from pathlib import Path
from typing import Annotated

import typer

Notebooks = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", show_default="notebooks, here or beside the sources", help="Folder to open in JupyterLab."
    ),
]
Port = Annotated[int | None, typer.Option(metavar="P", min=1, max=65_535, help="Port; a free one by default.")]


def lab(
    panel: Annotated[bool, typer.Option("--panel", help="Only the panel, as a page without code.")] = False,
    world: Annotated[str, typer.Option(metavar="NAME|PATH", help="World that the panel starts with.")] = "published",
    notebooks: Notebooks = None,
    port: Port = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = True,
) -> None:
    """Open JupyterLab on the notebooks, or the panel as a page of its own.

    The panel turns a study's threats like dials and shows what it would have
    published beside what is true. Both serve on this machine only and run
    until Ctrl-C.

    [bold]Examples[/bold]

      knowntruth lab

      knowntruth lab --panel

      knowntruth lab --panel --world null
    """
    from knowntruth.workbench.jobs import lab as bench

    code = bench.panel(world, port, browser) if panel else bench.notebooks(notebooks, port, browser)
    raise typer.Exit(code)
