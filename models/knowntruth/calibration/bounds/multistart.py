"""Multistart search for the ends of the range of each truth, deterministic for any number of threads.

1. *Find feasible*: every start is moved into the feasible set, and slopes are measured there. 2. *Ascend*: from every
feasible start, one search to each end of each requested truth. 3. *Polish*: for each end, one more search from the
best feasible world that any search evaluated, with the slopes that
   were measured nearest to it.

No search depends on the progress of another, so threads change no number. A search that is restarted with its runs on
disk repeats the same steps without simulating anything twice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from typing import Final

import numpy as np

from knowntruth.calibration.bounds.feasible_set import Constraint
from knowntruth.calibration.bounds.trust_region import Objective, Search, ascend, measure
from knowntruth.calibration.problem.jacobian import STEP, Answers, jacobian
from knowntruth.common.arrays import Floats
from knowntruth.common.progress import Progress, no_progress

SIDES: Final = {"smallest": -1.0, "largest": 1.0}

CALIBRATED: Final = "calibrated"
"""The name of the start at the calibrated world."""


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How much to search.

    ``starts`` counts the random starts; ``measurements`` is how often one search may measure all slopes, ``polish``
    how often a last one may, and ``steps`` how many steps it may try; ``step`` is the move by which slopes are
    measured, as a share of a range; ``threads`` changes no result.

    Examples
    --------
    >>> SearchSettings(starts=3, seed=1).starts
    3
    """

    starts: int = 3
    seed: int = 1
    measurements: int = 3
    polish: int = 3
    steps: int = 40
    step: float = STEP
    threads: int = 2


@dataclass(frozen=True, slots=True)
class End:
    """One end of one truth: the world that reaches it, and how the searches for it went.

    ``answers`` are its residuals and truths; ``straight`` is the value that the linear approximation at the
    end of the last search would reach over the whole ranges of the parameters; ``log`` has for each start the value
    that its search reached and how it ended.
    """

    truth: int
    side: str
    value: float
    point: Floats
    answers: Floats
    straight: float
    log: Mapping[str, tuple[float, str]]


@dataclass(slots=True)
class Multistart:
    """All searches of one question.

    ``answers`` gives the residuals of all figures, then all truths, at a point; ``rough`` gives the same from a
    smaller simulation, used to measure slopes; ``figures`` counts the figures; ``middle`` is the calibrated
    world.
    """

    answers: Answers
    rough: Answers
    rule: Constraint
    figures: int
    middle: Floats
    effort: SearchSettings
    progress: Progress = no_progress
    seen: dict[bytes, Floats] = field(default_factory=dict)
    tables: list[tuple[Floats, Floats]] = field(default_factory=list)
    lost: tuple[str, ...] = ()
    done: int = 0
    total: int = 1

    def ends(self, truths: Sequence[int], corners: Mapping[str, Floats], also: Sequence[int] = ()) -> list[End]:
        """Return both ends of the truths at these positions; those in ``also`` are only polished."""
        self.tables = [(self.middle, self._measured(self.middle))]
        starts = {CALIBRATED: self.middle, **corners, **self._random()}
        ascents = list(product(truths, SIDES))
        polishes = [*ascents, *product(also, SIDES)]
        self.total, self.done = len(starts) * (1 + len(ascents)) + len(polishes), 0
        feasible = list(self._all(lambda start: self._find_feasible(*start), starts.items(), "starts"))
        able = {name: search for name, search in feasible if search.admissible}
        self.lost = tuple(name for name in starts if name not in able)
        self._add_jacobians(search for _, search in feasible)
        logs: dict[tuple[int, str], dict[str, tuple[float, str]]] = {end: {} for end in polishes}
        tasks = [(name, end) for end in ascents for name in able]
        ascended = list(self._all(lambda task: self._ascend(able[task[0]], *task[1]), tasks, "searches"))
        self._add_jacobians(ascended)
        for (name, end), search in zip(tasks, ascended, strict=True):
            logs[end][name] = (self._value(search, end[0]), search.ended)
        return self.polished(ascents, logs, self.effort.polish) + self.polished(polishes[len(ascents) :], logs)

    def polished(
        self,
        ends: Sequence[tuple[int, str]],
        logs: Mapping[tuple[int, str], Mapping[str, tuple[float, str]]],
        measurements: int = 0,
    ) -> list[End]:
        """Return some ends after a final search for each, from the best world evaluated so far."""
        self._at(self.middle)
        best = [self._best(*end) for end in ends]
        near = [min(self.tables, key=lambda table: float(np.linalg.norm(table[0] - point)))[1] for point in best]
        tasks = [(*ends[k], best[k], near[k], measurements) for k in range(len(ends))]
        searches = list(self._all(lambda task: self._polish(*task), tasks, "polish"))
        self._add_jacobians(searches)
        return [self._end(*end, search, logs.get(end, {})) for end, search in zip(ends, searches, strict=True)]

    def _add_jacobians(self, searches: Iterable[Search]) -> None:
        self.tables += [table for search in searches for table in search.tables]

    def _all[Task, Result](
        self, work: Callable[[Task], Result], tasks: Iterable[Task], what: str
    ) -> Iterator[Result]:
        """Run all tasks in threads and yield their results in order."""
        with ThreadPoolExecutor(self.effort.threads) as pool:
            try:
                for result in pool.map(work, tasks):
                    self.done += 1
                    self.progress(what, self.done / self.total)
                    yield result
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _at(self, point: Floats) -> Floats:
        answers = self.answers(point)
        self.seen[point.tobytes()] = answers
        return answers

    def _measured(self, point: Floats) -> Floats:
        return jacobian(self.rough, point, self.effort.step, self.effort.threads)

    def _random(self) -> dict[str, Floats]:
        """Return random starts: in turn an end of the linearized feasible set, and a uniform point."""
        rng, slopes = np.random.default_rng(self.effort.seed), self.tables[0][1]
        here = self._at(self.middle)[: self.figures]
        starts = {}
        for number in range(1, self.effort.starts + 1):
            if number % 2:
                gain = rng.normal(size=len(self.middle))
                move = self.rule.move(here, slopes[: self.figures], gain, -self.middle, 1.0 - self.middle)
                starts[f"far {number}"] = np.clip(self.middle + move, 0.0, 1.0)
            else:
                starts[f"anywhere {number}"] = rng.uniform(size=len(self.middle))
        return starts

    def _search(self, point: Floats, slopes: Floats, aim: Objective, measurements: int) -> Search:
        return Search(
            self._at, self.rough, self.rule, self.figures, aim, point, slopes, measurements, self.effort.step
        )

    def _find_feasible(self, name: str, point: Floats) -> tuple[str, Search]:
        """Return a start moved into the feasible set, with slopes measured there."""
        search = self._search(point, self.tables[0][1], Objective(0, 0.0, 1.0), self.effort.polish)
        if not search.admissible:
            ascend(search, self.effort.steps)
        if name != CALIBRATED and search.admissible:
            measure(search)
        return name, search

    def _ascend(self, feasible: Search, truth: int, side: str) -> Search:
        search = self._search(feasible.point, feasible.slopes, self._aim(truth, side), self.effort.measurements)
        return ascend(search, self.effort.steps)

    def _polish(self, truth: int, side: str, point: Floats, near: Floats, measurements: int) -> Search:
        search = self._search(point, near, self._aim(truth, side), measurements)
        return ascend(search, self.effort.steps)

    def _aim(self, truth: int, side: str) -> Objective:
        """Return the objective of one end, scaled by the range of the linear approximation at the middle."""
        slopes = self.tables[0][1]
        here, gain = self._at(self.middle)[: self.figures], slopes[self.figures + truth]
        moves = [
            self.rule.move(here, slopes[: self.figures], sign * gain, -self.middle, 1.0 - self.middle)
            for sign in SIDES.values()
        ]
        return Objective(truth, SIDES[side], float(abs(gain @ (moves[1] - moves[0]))))

    def _best(self, truth: int, side: str) -> Floats:
        """Return the feasible point, of all evaluated so far, at which a truth is most extreme."""
        admissible = [key for key, answers in self.seen.items() if self._admits(answers)]
        key = max(admissible, key=lambda k: (SIDES[side] * self.seen[k][self.figures + truth], k))
        return np.frombuffer(key).copy()

    def _admits(self, answers: Floats) -> bool:
        return self.rule.excess(answers[: self.figures]) <= self.rule.tolerance

    def _value(self, search: Search, truth: int) -> float:
        return float(search.here[self.figures + truth])

    def _end(self, truth: int, side: str, search: Search, log: Mapping[str, tuple[float, str]]) -> End:
        point = self._best(truth, side)
        answers = self._at(point)
        reach = self.rule.move(
            search.here[: self.figures], search.slopes[: self.figures], search.gain, -search.point, 1.0 - search.point
        )
        straight = SIDES[side] * (search.value + float(search.gain @ reach))
        return End(
            truth,
            side,
            float(answers[self.figures + truth]),
            point,
            answers,
            straight,
            {**log, "polished": (self._value(search, truth), search.ended)},
        )
