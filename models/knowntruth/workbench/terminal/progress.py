"""Progress display for a job of several steps: the current step, elapsed time, and estimated remaining time.

    with Steps({"simulate": 10, "fit": 60}) as steps:
        with steps.step("simulate", "Simulating 40,000 sessions"):
            ...

The numbers are the typical relative times of the steps; the remaining time is estimated from them.
On a terminal the display is one updated line; elsewhere (a log, a pipe) it is one line per step.
It goes to standard error, so that standard output has results only.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich import progress as rich_progress
from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from knowntruth.common.progress import Progress


class _Remaining(TextColumn):
    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        return Text(remaining(task.elapsed or 0.0, task.completed, task.total or 0.0), style="progress.remaining")


class Steps:
    """Shows the steps of one job; ``weights`` gives each step's usual share of time, in any unit."""

    def __init__(self, weights: Mapping[str, float], console: Console | None = None, quiet: bool = False) -> None:
        self.weights = dict(weights)
        self.console = console or Console(stderr=True, quiet=quiet)
        self.seconds: dict[str, float] = {}
        self._bar = rich_progress.Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn(),
            _Remaining(), console=self.console, transient=True, disable=not self.console.is_terminal or quiet,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=sum(self.weights.values()))

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    @contextmanager
    def step(self, name: str, label: str) -> Iterator[Progress]:
        """Show ``label`` while the body runs; it may report the share done to the yielded function."""
        before = sum(self.weights[done] for done in self.seconds)
        start = time.monotonic()
        self._bar.update(self._task, description=label, completed=before)
        if not self.console.is_terminal:
            self._line(f"{label} …")

        def advance(part: str, share: float) -> None:
            done = before + self.weights[name] * min(max(share, 0.0), 1.0)
            self._bar.update(self._task, description=f"{label} ({part})" if part else label, completed=done)

        yield advance
        self.seconds[name] = time.monotonic() - start
        if self.console.is_terminal:
            self._line(f"{label}: {self.seconds[name]:.1f} s")

    def _line(self, text: str) -> None:
        number = f"{len(self.seconds) + (not self.console.is_terminal)}/{len(self.weights)}"
        self.console.print(f"[dim]{number:>5}[/dim]  {text}", highlight=False, soft_wrap=True)


def remaining(elapsed: float, done: float, total: float) -> str:
    """Return the estimated remaining time in words; empty while too little is known.

    Examples
    --------
    >>> remaining(30.0, done=1.0, total=4.0)
    'about 2 min left'
    """
    if elapsed < 3 or done <= 0 or done >= total:
        return ""
    seconds = elapsed * (total - done) / done
    return f"about {seconds:.0f} s left" if seconds < 90 else f"about {seconds / 60:.0f} min left"
