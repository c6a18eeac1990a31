"""``knowntruth lab``: the folder it opens, what it serves, and how it refuses; the servers stand in tests/browser."""

import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from knowntruth.common.errors import InputError
from knowntruth.workbench.jobs import lab


@pytest.fixture
def served(monkeypatch):
    """Record what would be run instead of running it."""
    asked: list[list[str]] = []

    class Server:
        def __init__(self, command):
            asked.append(command)

        def wait(self, patience=None):
            return 0

        def poll(self):
            return 0

    monkeypatch.setattr(subprocess, "Popen", Server)
    return asked


def test_jupyterlab_opens_the_folder_on_this_machine_only(served, run, tmp_path):
    code, out, err = run("lab", "--notebooks", tmp_path, "--no-browser", "--port", 18765)
    assert code == 0, out + err
    assert served[0][:4] == [sys.executable, "-m", "jupyterlab", str(tmp_path)]
    assert {"--port=18765", "--ServerApp.ip=127.0.0.1", "--no-browser"} <= set(served[0])


def test_the_notebooks_here_come_before_those_beside_the_sources(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert lab.find_notebooks(None) == lab.SOURCE_FOLDER
    (tmp_path / "notebooks").mkdir()
    assert lab.find_notebooks(None) == Path("notebooks")


def test_no_notebooks_anywhere_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lab, "SOURCE_FOLDER", tmp_path / "nowhere")
    with pytest.raises(InputError, match="--notebooks DIR"):
        lab.find_notebooks(None)


def test_the_page_of_the_panel_is_a_notebook_that_voila_serves(served, run, tmp_path):
    code, out, err = run("lab", "--panel", "--world", "null", "--no-browser")
    assert code == 0, out + err
    assert served[0][:3] == [sys.executable, "-m", "voila"]
    assert not Path(served[0][3]).exists()  # it goes when the server does
    page = tmp_path / "panel.ipynb"
    lab.write_panel_notebook(page, "null")
    book = nbformat.read(page, as_version=4)
    nbformat.validate(book)
    assert "panel('null')" in book.cells[-1].source


def test_a_wrong_world_folder_or_port_ends_with_2(run, tmp_path):
    assert run("lab", "--panel", "--world", "nul")[0] == 2
    assert run("lab", "--notebooks", tmp_path / "none")[0] == 2
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = run("lab", "--notebooks", tmp_path, "--port", port)
    assert code == 2
    assert f"port {port} is in use" in err
