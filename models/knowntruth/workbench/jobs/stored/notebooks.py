"""The notebooks with their outputs, and the stored diagnosis that notebook 05 reads."""

import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Final

from knowntruth.common.errors import InputError
from knowntruth.workbench.jobs.stored import fingerprints, repository
from knowntruth.workbench.jobs.stored.stored_result import Hash, StoredResult

SURVIVED: Final = repository.NOTEBOOKS / "survived"
SURVIVED_WORLDS: Final = ("randomized", "published", "confounded", "halo", "evidence", "null")
SURVIVED_SIZE: Final = {"replicates": 40, "sessions": 2_000, "truth_sessions": 30_000}
SURVIVED_FILES: Final = ("replicates.parquet", "seconds.parquet")

READS: Final = {
    "04_do_refuters_refute": repository.SCORECARD / "rows.parquet",
    "05_which_design_survives": SURVIVED / "replicates.parquet",
    "06_what_the_figures_leave_open": repository.BOUNDS / "intervals.csv",
}
"""Stored results that a notebook reads."""


def notebook_results() -> tuple[StoredResult, ...]:
    """Return the stored diagnosis and then a row per notebook, by the name of its file."""
    return (survived_result(), *(_notebook(path) for path in sorted(repository.NOTEBOOKS.glob("*.ipynb"))))


def survived_result() -> StoredResult:
    """Return the row of the stored diagnosis."""
    from knowntruth.design.diagnose import FAST_STRATEGIES

    settings = {"settings": lambda: fingerprints.digest([FAST_STRATEGIES, SURVIVED_SIZE])}
    depends_on = {**fingerprints.of_worlds(SURVIVED_WORLDS), **settings}
    return StoredResult("survived", repository.place(SURVIVED), depends_on, 5, renew_survived)


def renew_survived() -> None:
    """Diagnose the fast strategies in six worlds and store the replicates."""
    from knowntruth.design.diagnose import FAST_STRATEGIES, diagnose

    out = repository.WORK / "survived"
    diagnose(list(SURVIVED_WORLDS), FAST_STRATEGIES, **SURVIVED_SIZE, out=out)
    for name in SURVIVED_FILES:
        shutil.copyfile(out / name, SURVIVED / name)


def execute(path: Path) -> None:
    """Run a notebook from top to bottom and store its outputs in it.

    Raises
    ------
    InputError
        If a cell fails; the notebook is then left as it was.
    """
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"{path.name} does not run: {done.stderr.strip()[-1000:]}")
    path.write_text(without_traces(path.read_text(encoding="utf-8")), encoding="utf-8")


def without_traces(text: str) -> str:
    """Return a notebook without clock times and standard error, which hold what belongs to one machine.

    Examples
    --------
    >>> cell = {"metadata": {"execution": {}}, "outputs": [{"name": "stderr"}, {"name": "stdout"}]}
    >>> json.loads(without_traces(json.dumps({"cells": [cell]})))["cells"]
    [{'metadata': {}, 'outputs': [{'name': 'stdout'}]}]
    """
    book = json.loads(text)
    for cell in book["cells"]:
        cell["metadata"].pop("execution", None)
        if "outputs" in cell:
            cell["outputs"] = [each for each in cell["outputs"] if each.get("name") != "stderr"]
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def source(path: Path) -> str:
    """Return the hash of the code of a notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return fingerprints.digest(["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"])


def _notebook(path: Path) -> StoredResult:
    from knowntruth.world.definition.world import names

    reads: dict[str, Hash] = {}
    if path.stem in READS:
        reads["stored input"] = fingerprints.of_file(READS[path.stem])
    worlds = fingerprints.of_worlds(names())
    depends_on: dict[str, Hash] = {**worlds, "claims": fingerprints.claims, "code": partial(source, path), **reads}
    return StoredResult(path.stem, repository.place(path), depends_on, 2, partial(execute, path))
