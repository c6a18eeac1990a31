"""``knowntruth lab``: JupyterLab on the notebooks, or the panel as a page of its own."""

from pathlib import Path
from typing import Annotated

import typer

Notebooks = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", show_default="notebooks, here or in the source tree", help="Folder to open in JupyterLab."
    ),
]
Port = Annotated[int | None, typer.Option(metavar="P", min=1, max=65_535, help="Port; a free one by default.")]


def lab(
    panel: Annotated[bool, typer.Option("--panel", help="Open only the panel, as a page without code.")] = False,
    world: Annotated[str, typer.Option(metavar="NAME|PATH", help="World that the panel opens with.")] = "published",
    notebooks: Notebooks = None,
    port: Port = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser window.")] = True,
) -> None:
    """Open JupyterLab on the notebooks, or the panel as a page of its own.

    The panel shows a study's threats as dials, and next to the truth what the
    study would have published. Both serve on this machine only, until Ctrl-C.

    [bold]Examples[/bold]

      knowntruth lab

      knowntruth lab --panel

      knowntruth lab --panel --world null
    """
    from knowntruth.workbench.jobs import lab as job

    code = job.serve_panel(world, port, browser) if panel else job.serve_notebooks(notebooks, port, browser)
    raise typer.Exit(code)
