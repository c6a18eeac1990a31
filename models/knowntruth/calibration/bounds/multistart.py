"""Hunt: all searches for the ends of some truths, from many starts, side by side, with one answer at any timing.

1. *Settle*: every start is made admissible, and slopes are measured there.
2. *Climb*: from every settled start, one search to each end of each wanted truth.
3. *Polish*: for each end, one more search from the best admissible world that any search came by, whatever it was
   looking for, with the slopes that were measured nearest.

What one search does never hangs on how far another has come, so threads change no number; and a hunt that begins
again with its runs on disk takes the same way without simulating anything twice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import product
from typing import Final

import numpy as np

from knowntruth.calibration.bounds.feasible_set import Constraint
from knowntruth.calibration.bounds.trust_region import Aim, Search, ascend, measure
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

    ``answers`` are its residuals and truths; ``straight`` is the value that straight lines drawn where the last
    search ended would reach over the whole ranges of the parameters; ``log`` has for each start the value that its
    search came to and how it ended.
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
    smaller simulation, by which slopes are measured; ``figures`` counts the figures; ``middle`` is the calibrated
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
        """Return both ends of the truths at these positions; those in ``also`` are polished only, on known slopes."""
        self.tables = [(self.middle, self._measured(self.middle))]
        starts = {CALIBRATED: self.middle, **corners, **self._random()}
        climbs = list(product(truths, SIDES))
        polishes = [*climbs, *product(also, SIDES)]
        self.total, self.done = len(starts) * (1 + len(climbs)) + len(polishes), 0
        settled = list(self._all(lambda start: self._settle(*start), starts.items(), "starts"))
        able = {name: search for name, search in settled if search.admissible}
        self.lost = tuple(name for name in starts if name not in able)
        self._learn(search for _, search in settled)
        logs: dict[tuple[int, str], dict[str, tuple[float, str]]] = {end: {} for end in polishes}
        tasks = [(name, end) for end in climbs for name in able]
        climbed = list(self._all(lambda task: self._climb(able[task[0]], *task[1]), tasks, "searches"))
        self._learn(climbed)
        for (name, end), search in zip(tasks, climbed, strict=True):
            logs[end][name] = (self._value(search, end[0]), search.ended)
        return self.polished(climbs, logs, self.effort.polish) + self.polished(polishes[len(climbs) :], logs)

    def polished(
        self,
        ends: Sequence[tuple[int, str]],
        logs: Mapping[tuple[int, str], Mapping[str, tuple[float, str]]],
        measurements: int = 0,
    ) -> list[End]:
        """Return some ends after a last search for each from the best of everything seen so far."""
        self._at(self.middle)
        best = [self._best(*end) for end in ends]
        near = [min(self.tables, key=lambda table: float(np.linalg.norm(table[0] - point)))[1] for point in best]
        tasks = [(*ends[k], best[k], near[k], measurements) for k in range(len(ends))]
        searches = list(self._all(lambda task: self._polish(*task), tasks, "polish"))
        self._learn(searches)
        return [self._end(*end, search, logs.get(end, {})) for end, search in zip(ends, searches, strict=True)]

    def _learn(self, searches: Iterable[Search]) -> None:
        self.tables += [table for search in searches for table in search.tables]

    def _all[Task, Result](
        self, work: Callable[[Task], Result], tasks: Iterable[Task], what: str
    ) -> Iterator[Result]:
        """Do all tasks in threads, and yield their results in order."""
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
        """Return, in turn, the admissible set's far end in a random direction, by straight lines, and any point."""
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

    def _search(self, point: Floats, slopes: Floats, aim: Aim, measurements: int) -> Search:
        return Search(
            self._at, self.rough, self.rule, self.figures, aim, point, slopes, measurements, self.effort.step
        )

    def _settle(self, name: str, point: Floats) -> tuple[str, Search]:
        """Return a start made admissible, with slopes measured there."""
        search = self._search(point, self.tables[0][1], Aim(0, 0.0, 1.0), self.effort.polish)
        if not search.admissible:
            ascend(search, self.effort.steps)
        if name != CALIBRATED and search.admissible:
            measure(search)
        return name, search

    def _climb(self, settled: Search, truth: int, side: str) -> Search:
        search = self._search(settled.point, settled.slopes, self._aim(truth, side), self.effort.measurements)
        return ascend(search, self.effort.steps)

    def _polish(self, truth: int, side: str, point: Floats, near: Floats, measurements: int) -> Search:
        search = self._search(point, near, self._aim(truth, side), measurements)
        return ascend(search, self.effort.steps)

    def _aim(self, truth: int, side: str) -> Aim:
        """Return the aim at one end, in units of how far straight lines from the middle reach both ways."""
        slopes = self.tables[0][1]
        here, gain = self._at(self.middle)[: self.figures], slopes[self.figures + truth]
        moves = [
            self.rule.move(here, slopes[: self.figures], sign * gain, -self.middle, 1.0 - self.middle)
            for sign in SIDES.values()
        ]
        return Aim(truth, SIDES[side], float(abs(gain @ (moves[1] - moves[0]))))

    def _best(self, truth: int, side: str) -> Floats:
        """Return the admissible point, of all seen so far, at which a truth is most extreme."""
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
        return End(truth, side, float(answers[self.figures + truth]), point, answers, straight,
                   {**log, "polished": (self._value(search, truth), search.ended)})  # fmt: skip
