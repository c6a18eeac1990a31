"""A stream that is killed, at whatever moment, goes on and ends with the bytes of one that was not."""

import os
import random
import signal
import subprocess
import sys
import time

import joblib
import pytest

from knowntruth.common.errors import InputError
from knowntruth.datasets.storage.readers import read
from knowntruth.world.definition.world import load
from knowntruth.world.streaming.part import TABLES
from knowntruth.world.streaming.stream import stream
from knowntruth.world.streaming.workers import run_jobs

SESSIONS, SEED, PEOPLE = 30_000, 5, 1500

PROGRAM = f"""
import sys
from knowntruth.world.streaming.stream import stream
from knowntruth.world.definition.world import load
tell = lambda said, share: print(said, share, flush=True)
folder, workers = sys.argv[1], int(sys.argv[2])
stream(load("published"), {SESSIONS}, folder, seed={SEED}, workers=workers, people={PEOPLE}, progress=tell)
"""


def start(folder, workers):
    command = [sys.executable, "-c", PROGRAM, str(folder), str(workers)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def kill(process, parts, seconds):
    """Kill a run and all its workers some time after it has told of so many parts."""
    for _ in range(parts + 2):  # it tells of the counting too
        process.stdout.readline()
    time.sleep(seconds)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)


def files(folder):
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def whole_parts(folder):
    """When each part was written; one whose second file is missing will be made anew, first file and all."""
    names = sorted({path.name for path in folder.glob("*/part-*.parquet")})
    both = [[*folder.glob(f"*/{name}")] for name in names]
    return {file: file.stat().st_mtime_ns for files in both if len(files) == len(TABLES) for file in files}


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uninterrupted")
    done = stream(load("published"), SESSIONS, folder, seed=SEED, workers=1, people=PEOPLE)
    assert done.parts > 12, "too few to be killed between them"
    return files(folder), done.parts


@pytest.mark.parametrize(
    ("workers", "kills"),
    [(2, 1), pytest.param(1, 10, marks=pytest.mark.slow), pytest.param(2, 8, marks=pytest.mark.slow)],
)
def test_a_killed_run_goes_on_to_the_same_bytes(tmp_path, uninterrupted, workers, kills):
    (whole, parts), moment = uninterrupted, random.Random(20260616 + workers)
    kept = {}
    for _ in range(kills):
        if len(kept) == len(TABLES) * parts:  # a busy machine kills late: there is nothing left to kill
            break
        later = len(kept) // 2 + moment.randrange(1 + 12 // kills)
        kill(start(tmp_path, workers), later, moment.random() / 20)
        now = whole_parts(tmp_path)
        assert kept.items() <= now.items(), "a part that was whole has been touched"
        kept = now
    assert kept, "killed before it began: choose other moments"
    if len(kept) < len(TABLES) * parts:
        with pytest.raises(InputError, match="not finished"):
            read(tmp_path)
    done = stream(load("published"), SESSIONS, tmp_path, seed=SEED, workers=1, people=PEOPLE)
    assert 0 < done.kept <= done.parts
    assert kept.items() <= whole_parts(tmp_path).items()
    assert files(tmp_path) == whole


def test_a_killed_worker_is_told_in_words():
    with joblib.parallel_config("loky", n_jobs=2), pytest.raises(InputError, match="a worker process was killed"):
        list(run_jobs(os._exit, [(1,), (1,)]))
