"""The job of ``knowntruth lab``: JupyterLab, or the panel under Voilà, with the Python of this process.

Voilà serves a notebook, so the panel gets one of two cells, in a temporary folder that is removed when the server
ends.
"""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from knowntruth.common.errors import InputError
from knowntruth.workbench.terminal.exit_codes import Stopped

WORKING_FOLDER: Final = Path("notebooks")
SOURCE_FOLDER: Final = Path(__file__).parents[4] / "notebooks"
"""The folder of notebooks if the package runs from its source tree."""

TERMINATION_SECONDS: Final = 10.0
"""Seconds that a server has to end after it was asked to."""


def serve_notebooks(folder: Path | None, port: int | None, browser: bool) -> int:
    """Serve JupyterLab on a folder of notebooks, and return its exit code.

    Raises
    ------
    InputError
        If there is no such folder, or the port is taken.
    """
    found = find_notebooks(folder)
    return _serve(["jupyterlab", str(found), *_lab_options(port, browser)])


def serve_panel(world: str, port: int | None, browser: bool) -> int:
    """Serve the panel on a world as a page of its own, and return the server's exit code.

    Raises
    ------
    InputError
        If there is no such world, or the port is taken.
    """
    from knowntruth.world.definition.world import load, names

    load(world)
    start = world if world in names() else str(Path(world).resolve())
    with tempfile.TemporaryDirectory(prefix="knowntruth-panel-") as folder:
        page = Path(folder) / "panel.ipynb"
        write_panel_notebook(page, start)
        options = [f"--port={_free(port)}", "--Voila.ip=127.0.0.1", *([] if browser else ["--no-browser"])]
        return _serve(["voila", str(page), *options])


def find_notebooks(folder: Path | None) -> Path:
    """Return the folder to open: the one asked for, else the first of `HERE` and `BESIDE` that there is."""
    if folder is None:
        folder = next((each for each in (WORKING_FOLDER, SOURCE_FOLDER) if each.is_dir()), None)
        if folder is None:
            raise InputError("there is no folder notebooks here; give yours with --notebooks DIR")
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; give --notebooks an existing folder")
    return folder


def write_panel_notebook(path: Path, world: str) -> None:
    """Write the notebook of the panel's page; worlds are saved in the folder where the command was started."""
    import nbformat

    made: Any = nbformat.v4
    lines = [
        f"import os\n\nos.chdir({os.fspath(Path.cwd())!r})",
        f"from knowntruth.workbench.panel import panel\n\npanel({world!r})",
    ]
    book = made.new_notebook(
        cells=[made.new_markdown_cell("# A study's threats as dials"), *(made.new_code_cell(each) for each in lines)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
                  "title": "knowntruth"},
    )  # fmt: skip
    nbformat.write(book, path)


def _lab_options(port: int | None, browser: bool) -> list[str]:
    return [f"--port={_free(port)}", "--ServerApp.ip=127.0.0.1", *([] if browser else ["--no-browser"])]


def _free(port: int | None) -> int:
    """Return the given port, or any free one.

    Raises
    ------
    InputError
        If it is in use.
    """
    with socket.socket() as trial:
        trial.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # what lingers of an earlier server does not count
        try:
            trial.bind(("127.0.0.1", port or 0))
        except OSError:
            raise InputError(f"port {port} is in use; choose another --port, or leave it out") from None
        return int(trial.getsockname()[1])


def _serve(module: list[str]) -> int:
    """Run a server in its own process until it ends; pass on a request to stop."""
    server = subprocess.Popen([sys.executable, "-m", *module])
    try:
        return server.wait()
    except (Stopped, KeyboardInterrupt) as end:
        end.add_note("what was saved in notebooks and worlds stays")
        raise
    finally:
        if server.poll() is None:
            server.terminate()
            try:
                server.wait(TERMINATION_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
