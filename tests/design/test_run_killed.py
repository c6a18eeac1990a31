"""A diagnosis that is killed, at whatever moments, goes on and ends with the bytes of one that was not."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from knowntruth.design.diagnose import diagnose
from knowntruth.design.store import DIAGNOSANDS, REPLICATES
from knowntruth.design.table import stored
from knowntruth.design.two_arm import QUESTION, DifferenceInMeans, TwoArm

REPLICATES_WANTED, LASTING = 1200, (REPLICATES, DIAGNOSANDS, "manifest.json")

PROGRAM = f"""
import sys, time
from dataclasses import dataclass
from knowntruth.design.diagnose import diagnose
from knowntruth.design.two_arm import QUESTION, DifferenceInMeans, TwoArm
tell = lambda said, share: print(said, flush=True)
diagnose([TwoArm()], [DifferenceInMeans()], {REPLICATES_WANTED}, estimands=[QUESTION], out=sys.argv[1],
         workers=int(sys.argv[2]), progress=tell)
"""


def start(folder, workers):
    command = [sys.executable, "-c", PROGRAM, str(folder), str(workers)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )


def kill(process, batches, seconds):
    """Kill a run and all its workers some time after it has told of so many more batches."""
    for _ in range(batches + 1):
        process.stdout.readline()
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)


def parts(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "parts").glob("case-*")}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uninterrupted")
    diagnose([TwoArm()], [DifferenceInMeans()], REPLICATES_WANTED, estimands=[QUESTION], workers=1, out=folder)
    return {name: (folder / name).read_bytes() for name in LASTING}


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("workers", "kills"), [(1, 47), (2, 3)])
def test_fifty_kills_end_in_the_same_bytes(tmp_path, uninterrupted, workers, kills):
    """Each run is let do two batches or so, then killed with all its workers; no batch that is whole is touched."""
    moment, kept = random.Random(20260616 + workers), {}
    for _ in range(kills):
        kill(start(tmp_path, workers), moment.randrange(4), moment.random() / 20)
        now = parts(tmp_path)
        assert kept.items() <= now.items(), "a batch that was whole has been done again"
        kept = now
    assert 0 < len(kept)
    diagnose([TwoArm()], [DifferenceInMeans()], REPLICATES_WANTED, estimands=[QUESTION], workers=1, out=tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in LASTING} == uninterrupted
    assert kept.items() <= parts(tmp_path).items()
    assert stored(tmp_path)["replicate"].tolist() == list(range(REPLICATES_WANTED))


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
        diagnose([TwoArm()], [DifferenceInMeans()], REPLICATES_WANTED, estimands=[QUESTION], out=tmp_path,
                 cluster=cluster.scheduler_address, progress=tell)  # fmt: skip
    assert killed
    assert {name: (tmp_path / name).read_bytes() for name in LASTING} == uninterrupted
