"""A diagnosis that is killed, at whatever moments, goes on and ends with the bytes of one that was not."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from knowntruth.design.diagnose import diagnose
from knowntruth.design.replication.store import DIAGNOSANDS, REPLICATES
from knowntruth.design.replication.table import load_stored
from knowntruth.design.sources.two_arm import QUESTION, DifferenceInMeans, TwoArm

REPLICATES_WANTED, LASTING = 1200, (REPLICATES, DIAGNOSANDS, "manifest.json")
WANTED = partial(diagnose, [TwoArm()], [DifferenceInMeans()], REPLICATES_WANTED, estimands=[QUESTION])

PRELOADED = ["pytest", "pandas", "pyarrow.parquet", "threadpoolctl", "scipy.special", "knowntruth.design.diagnose",
             "knowntruth.design.sources.two_arm", "knowntruth.world.streaming.workers"]  # fmt: skip
"""What a run imports, so that each of many runs is a fork of a process that has it, and costs a fraction of a second.
"""

PROGRAM = f"""
import sys
from knowntruth.design.diagnose import diagnose
from knowntruth.design.sources.two_arm import QUESTION, DifferenceInMeans, TwoArm
diagnose([TwoArm()], [DifferenceInMeans()], {REPLICATES_WANTED}, estimands=[QUESTION], out=sys.argv[1], workers=2)
"""


def forked(folder):
    """Start a run in a process of its own, without workers; return the number of its process."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=WANTED, kwargs={"out": folder, "workers": 1})
    process.start()
    return process


def with_workers(folder):
    """Start a run with two workers, all in one new process group."""
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder)], start_new_session=True)


def kill(process, folder, batches, seconds):
    """Kill a run some time after so many more batches are there; all its workers too, where it leads a group."""
    enough = len(parts(folder)) + batches
    while len(parts(folder)) < enough and _alive(process):
        time.sleep(0.001)
    time.sleep(seconds)
    if isinstance(process, subprocess.Popen):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=60)
    else:
        process.kill()
        process.join(timeout=60)


def _alive(process):
    return process.poll() is None if isinstance(process, subprocess.Popen) else process.is_alive()


def parts(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "parts").glob("case-*")}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uninterrupted")
    WANTED(workers=1, out=folder)
    return {name: (folder / name).read_bytes() for name in LASTING}


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("start", "kills"), [(forked, 47), (with_workers, 3)])
def test_fifty_kills_end_in_the_same_bytes(tmp_path, uninterrupted, start, kills):
    """Each run is let do two batches or so, then killed with all its workers; no batch that is whole is touched."""
    moment, kept = random.Random(20260616 + kills), {}
    for _ in range(kills):
        kill(start(tmp_path), tmp_path, moment.randrange(4), moment.random() / 20)
        now = parts(tmp_path)
        assert kept.items() <= now.items(), "a batch that was whole has been done again"
        kept = now
    assert 0 < len(kept)
    WANTED(workers=1, out=tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in LASTING} == uninterrupted
    assert kept.items() <= parts(tmp_path).items()
    assert load_stored(tmp_path)["replicate"].tolist() == list(range(REPLICATES_WANTED))


@pytest.mark.slow
def test_a_dask_worker_that_is_killed_is_made_up_for(tmp_path, uninterrupted):
    """Two workers, one of them killed while it is at work: the cluster gives what it had to the other."""
    from distributed import LocalCluster

    killed = []

    def tell(said, share):
        if said.startswith(("100 ", "110 ", "120 ")) and not killed:
            killed.append(cluster.workers[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", host="127.0.0.1"
    ) as cluster:
        WANTED(out=tmp_path, cluster=cluster.scheduler_address, progress=tell)
    assert killed
    assert {name: (tmp_path / name).read_bytes() for name in LASTING} == uninterrupted
