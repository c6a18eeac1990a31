"""Cache of all evaluations of a problem: no choice is simulated twice, in this process or a later one.

A search is a deterministic function of the outcomes that it requests. If every outcome is on disk, an interrupted
search is resumed by starting it again: it repeats the same steps at no cost up to where it stopped. The file has one
row of numbers per run and is only appended to; an incomplete last row is ignored.
"""

import hashlib
import json
from concurrent.futures import Future
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np

from knowntruth.calibration.problem.problem import Outcome, Problem
from knowntruth.common.arrays import Floats
from knowntruth.datasets.storage.files import explain_os_errors

FINGERPRINT_DIGITS: Final = 16
"""Hexadecimal digits of a problem's fingerprint: enough that two problems never share a file by accident."""


class EvaluationCache:
    """The runs of one problem; points are given as shares of each parameter's range, from 0 to 1.

    ``path`` is the folder in which runs are stored; None keeps them in memory only. ``about`` lists what else the
    outcomes depend on (sessions, seed, release), so that runs of another problem are never used. The cache is
    thread-safe.
    """

    def __init__(self, problem: Problem, path: Path | None = None, about: str = "") -> None:
        self.problem = problem
        self.lower = np.array([p.lower for p in problem.parameters])
        self.width = np.array([p.upper for p in problem.parameters]) - self.lower
        self.fresh = 0
        self._known: dict[bytes, Future[Outcome]] = {}
        self._lock = Lock()
        self._path = None if path is None else path / f"runs-{fingerprint(problem, about)}.bin"
        self._read()

    def __len__(self) -> int:
        """Return the number of different runs."""
        return len(self._known)

    def share(self, choice: Floats) -> Floats:
        """Return a choice of parameters as shares of their ranges."""
        return (np.asarray(choice, dtype=float) - self.lower) / self.width

    def choice(self, point: Floats) -> Floats:
        """Return the parameters at a point."""
        return self.lower + point * self.width

    def at(self, point: Floats) -> Outcome:
        """Return the outcome at a point, simulated or cached; concurrent requests share one simulation."""
        key = np.ascontiguousarray(point, dtype=float).tobytes()
        with self._lock:
            known = self._known.get(key)
            if known is None:
                mine: Future[Outcome] = Future()
                self._known[key] = mine
        if known is not None:
            return known.result()
        try:
            outcome = self.problem.simulate(self.choice(point))
        except BaseException as error:
            with self._lock:
                del self._known[key]
            mine.set_exception(error)
            raise
        self._write(point, outcome)
        mine.set_result(outcome)
        return outcome

    def everything(self) -> tuple[Floats, Floats, Floats]:
        """Return all points, moments and truths, one row per run, in an order that does not depend on timing."""
        done = sorted((key, known.result()) for key, known in self._known.items() if known.done())
        points = np.array([np.frombuffer(key) for key, _ in done]).reshape(-1, len(self.lower))
        return points, np.array([o.moments for _, o in done]), np.array([o.truths for _, o in done])

    def _row_length(self) -> int:
        return len(self.lower) + len(self.problem.moments) + len(self.problem.truths)

    def _read(self) -> None:
        if self._path is None or not self._path.exists():
            return
        length = self._row_length()
        numbers = np.fromfile(self._path)
        rows = numbers[: len(numbers) // length * length].reshape(-1, length)
        for row in rows:
            point, moments, truths = np.split(row, np.cumsum([len(self.lower), len(self.problem.moments)]))
            known: Future[Outcome] = Future()
            self._known[point.tobytes()] = known
            known.set_result(Outcome(moments, truths))
        with explain_os_errors(self._path), self._path.open("rb+") as file:
            file.truncate(rows.nbytes)

    def _write(self, point: Floats, outcome: Outcome) -> None:
        row = np.concatenate([point, outcome.moments, outcome.truths]).astype(float)
        with self._lock:
            self.fresh += 1
            if self._path is not None:
                with explain_os_errors(self._path):
                    self._path.parent.mkdir(parents=True, exist_ok=True)
                    with self._path.open("ab") as file:
                        file.write(row.tobytes())


def fingerprint(problem: Problem, about: str = "") -> str:
    """Return a short hash of a problem: its parameters, their ranges, and the names of its outcomes."""
    asked = {
        "parameters": [(p.name, p.lower, p.upper) for p in problem.parameters],
        "moments": [m.name for m in problem.moments],
        "truths": list(problem.truths),
        "about": about,
    }
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:FINGERPRINT_DIGITS]
