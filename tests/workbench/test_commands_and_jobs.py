"""A command and its job have the same name in the same sub-folder, and a sub-folder is a panel of the help."""

import subprocess
import sys
from pathlib import Path

import pytest

from knowntruth.workbench import cli
from knowntruth.workbench.commands import PANELS

WORKBENCH = Path(cli.__file__).parent

PARTS = {"study_steps", "data/challenge", "analysis/residual_confounding"}
"""Parts of a job that are files of their own: of `study`, `dataset`, and of `check` and `study`."""
STORED = "stored/"
"""The folder of the results that `renew` keeps fresh."""


def modules(folder: str) -> set[str]:
    root = WORKBENCH / folder
    files = {str(p.relative_to(root).with_suffix("")) for p in root.rglob("*.py") if p.name != "__init__.py"}
    return {name for name in files if not name.startswith(STORED)}


def test_every_command_has_its_job_under_the_same_name():
    missing = modules("commands") - modules("jobs")
    assert not missing, f"add jobs/{{{','.join(sorted(missing))}}}.py: a command calls the job of its own name"


def test_every_job_has_its_command():
    extra = modules("jobs") - modules("commands") - PARTS
    assert not extra, f"add commands for {sorted(extra)}, or list them in PARTS as parts of another job"
    assert modules("jobs") >= PARTS, "PARTS lists files that there are no more"


@pytest.mark.parametrize("name", sorted(modules("commands")))
def test_a_command_imports_its_own_job(name):
    *folders, own = name.split("/")
    text = (WORKBENCH / "commands" / f"{name}.py").read_text(encoding="utf-8")
    wanted = f"from {'.'.join(['knowntruth.workbench.jobs', *folders])} import {own}"
    assert wanted in text, f"commands/{name}.py should call its job: {wanted}"


def test_a_panel_holds_the_commands_of_one_folder():
    for title, commands in PANELS.items():
        assert len({each.__module__.rpartition(".")[0] for each in commands}) == 1, title
    assert len([each for commands in PANELS.values() for each in commands]) == len(modules("commands"))


def test_the_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "knowntruth", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("knowntruth ")


def test_help_shows_the_main_job_first(run):
    _, out, _ = run("--help")
    places = [out.index(title) for title in PANELS]
    assert places == sorted(places)
    assert out.index("study") < out.index("simulate")
