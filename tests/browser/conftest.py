"""Servers to look at with a browser."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 90
"""Seconds to wait for a server or a kernel on a machine that has other things to do."""


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


@pytest.fixture(scope="session")
def serving():
    """Return a context that runs ``knowntruth`` with a server in it."""
    return _serving


@contextmanager
def _serving(arguments: list[str], folder: Path):
    """Run the command, wait until it answers, yield its address, and end it as Ctrl-C does."""
    port = free_port()
    settings = folder / "settings"
    settings.mkdir(exist_ok=True)
    allowed = {"ServerApp": {"allow_root": True, "token": "", "password": "", "disable_check_xsrf": True}}
    (settings / "jupyter_server_config.json").write_text(json.dumps(allowed))
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(settings), "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"), "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    command = [sys.executable, "-c", "from knowntruth.workbench.cli import main; main()", *arguments,
               "--port", str(port), "--no-browser"]  # fmt: skip
    log = folder / "server.log"
    with log.open("w") as file:
        server = subprocess.Popen(command, env=environment, cwd=folder, stdout=file, stderr=file)
        try:
            address = f"http://127.0.0.1:{port}/"
            _wait(server, f"{address}nothing", log)
            yield address
        finally:
            server.send_signal(signal.SIGINT)
            assert server.wait(30) == 130  # interrupted, and the server behind it gone too
            with socket.socket() as trial:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that linger do not count
                trial.bind(("127.0.0.1", port))


def _wait(server: subprocess.Popen, address: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=30):
                return
        except urllib.error.HTTPError:
            return  # an answer, if only that there is no such page
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
    raise AssertionError(f"no answer within {PATIENCE} s\n{log.read_text()}")
