"""Workers: this process, several on this machine, or a Dask cluster; the results are the same.

Joblib sends the tasks, two per worker at a time, so a long run holds few of them. A task is plain data, such as a
recipe and a range of people. Its result is a few numbers; the rows are not sent.
"""

import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import resource_tracker
from typing import Any, Final

from knowntruth.common.errors import InputError
from knowntruth.world.streaming.part import compile_loops, versions
from knowntruth.world.streaming.recipe import Recipe

SECONDS_TO_CONNECT: Final = 10

Releases = dict[str, str]
"""Libraries and their versions."""


class WorkerKilledError(InputError):
    """A worker was killed; its tasks can be repeated elsewhere, since their noise is keyed."""


@contextmanager
def workers_for(recipe: Recipe, workers: int | None, cluster: str | None) -> Iterator[int]:
    """Let `run_jobs` run tasks on a recipe: a `worker_pool` in which every loop of its world is compiled."""
    with worker_pool(partial(compile_loops, recipe), versions, workers, cluster) as number:
        yield number


@contextmanager
def worker_pool(
    prepare: Callable[[], Releases], releases: Callable[[], Releases], workers: int | None, cluster: str | None
) -> Iterator[int]:
    """Let `each` run on ``workers`` processes (default: one per core), or on the cluster at an address.

    Yields the number of tasks that run at once. Before the first task, ``prepare`` compiles and imports what tasks
    need, here, in workers, and on the machines of a cluster. It returns the library versions there, which must equal
    ``releases``.

    Raises
    ------
    InputError
        If the cluster cannot be reached, or runs other library versions.
    """
    import joblib

    prepare()
    if cluster is None:
        number = workers or joblib.cpu_count()
        with joblib.parallel_config("loky", n_jobs=number, inner_max_num_threads=1):
            with _without_interrupts():  # joblib ends a worker whose memory grows by 300 MB after its first task
                list(run_jobs(prepare, [()] * number))
            yield number
        return
    with _client(cluster) as client:
        _warm_cluster(client, prepare, releases())
        with joblib.parallel_config("dask", n_jobs=-1, client=client):
            yield sum(client.ncores().values())


def run_jobs[R](task: Callable[..., R], jobs: Iterable[tuple[Any, ...]]) -> Iterator[R]:
    """Yield ``task(*job)`` of each job, in order of completion.

    Raises
    ------
    WorkerKilledError
        If a worker was killed.
    InputError
        If a task cannot be loaded in another process.
    """
    import joblib

    run = joblib.Parallel(batch_size=1, return_as="generator_unordered")
    try:
        yield from run(joblib.delayed(task)(*job) for job in jobs)
    except BrokenProcessPool as error:
        if "un-serialize" in str(error):
            why = str(error.__cause__).strip('" \n').splitlines()[-1]
            raise InputError(
                f"a worker process could not load its task ({why}): define classes and functions where workers can "
                "import them, or run with --workers 1"
            ) from error
        raise WorkerKilledError(
            "a worker process was killed, most often because memory ran out; finished parts are kept: "
            "run the same command again with fewer --workers"
        ) from error


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Block Ctrl-C in the processes that start here: a terminal sends it to all, and this process handles it."""
    if not hasattr(signal, "pthread_sigmask"):  # not available on Windows
        yield
        return
    from joblib.externals.loky.backend import resource_tracker as theirs

    for tracker in (theirs, resource_tracker):  # started later, they would unblock interrupts
        tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _client(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError:
        raise InputError(
            "--cluster needs the library distributed, which is not installed; to install it: uv sync --extra cluster"
        ) from None
    try:
        client = Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"cannot reach a Dask scheduler at {address!r} ({error}); give the address that `dask scheduler` prints, "
            "such as tcp://host:8786"
        ) from None
    with client:
        yield client


def _warm_cluster(client: Any, prepare: Callable[[], Releases], ours: Releases) -> None:
    """Compile on one worker, then on one of each machine, and check that library versions are ours."""
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
        found = _versions_there(client, prepare)
    except TimeoutError:
        raise InputError("the cluster has no workers; start some with `dask worker ADDRESS`") from None
    except ModuleNotFoundError as error:
        raise InputError(
            f"a worker of the cluster lacks {error.name}; install there what is installed here"
        ) from None
    for worker, theirs in found.items():
        if theirs != ours:
            raise InputError(
                f"worker {worker} runs {theirs}, here are {ours}, so bytes could differ: install the same releases"
            )


def _versions_there(client: Any, prepare: Callable[[], Releases]) -> dict[str, Releases]:
    """Prepare one worker of each machine, and return its library versions."""
    machines = {worker["host"]: name for name, worker in client.scheduler_info(n_workers=-1)["workers"].items()}
    one_each = [machines[host] for host in sorted(machines)]
    first: dict[str, Releases] = client.run(prepare, workers=one_each[:1])
    others = client.run(prepare, workers=one_each[1:]) if one_each[1:] else {}
    return first | others
