"""The same stream on a Dask cluster of separate processes: the same bytes, and clear words when there is none."""

import os
import shutil
import sys

import pytest

from knowntruth.common.errors import InputError
from knowntruth.world.definition.world import load
from knowntruth.world.streaming import workers as crew
from knowntruth.world.streaming.stream import stream

WORLD, SESSIONS, SEED, PEOPLE = load("published"), 8000, 5, 1000


def files(folder):
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.fixture(scope="module")
def cluster():
    """Return the address of a scheduler with two workers, each a process of its own with two threads."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=2, processes=True, dashboard_address=":0", host="127.0.0.1"
    ) as running:
        yield running.scheduler_address


def test_a_cluster_writes_the_same_bytes(tmp_path, cluster):
    stream(WORLD, SESSIONS, tmp_path / "here", seed=SEED, workers=1, people=PEOPLE)
    done = stream(WORLD, SESSIONS, tmp_path / "there", seed=SEED, cluster=cluster, people=PEOPLE)
    assert done.kept == 0
    assert files(tmp_path / "here") == files(tmp_path / "there")


@pytest.mark.parametrize("place", ["workers", "cluster"])
def test_what_goes_wrong_at_a_worker_is_told_here(tmp_path, cluster, place):
    where = {"workers": 2} if place == "workers" else {"cluster": cluster}
    stream(WORLD, 3000, tmp_path, seed=SEED, workers=1, people=PEOPLE)
    shutil.rmtree(tmp_path / "observed")
    (tmp_path / "observed").write_text("a file where a folder must be")
    with pytest.raises(InputError, match=r"cannot write .*observed/part-.*a file, not a folder"):
        stream(WORLD, 3000, tmp_path, seed=SEED, people=PEOPLE, **where)


def test_workers_of_another_release_are_refused(tmp_path, cluster, monkeypatch):
    monkeypatch.setattr(crew, "versions", lambda: {"knowntruth": "0.0.0"})
    with pytest.raises(InputError, match="install the same releases"):
        stream(WORLD, SESSIONS, tmp_path, seed=SEED, cluster=cluster, people=PEOPLE)


def test_workers_without_the_package_are_named(tmp_path, cluster, monkeypatch):
    here = os.getpid()

    def compile_loops(recipe):
        if os.getpid() != here:
            raise ModuleNotFoundError("No module named 'knowntruth'", name="knowntruth")

    monkeypatch.setattr(crew, "compile_loops", compile_loops)
    with pytest.raises(InputError, match="a worker of the cluster lacks knowntruth"):
        stream(WORLD, SESSIONS, tmp_path, seed=SEED, cluster=cluster)


def test_a_cluster_without_workers(tmp_path, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr(crew, "SECONDS_TO_CONNECT", 1)
    with (
        LocalCluster(n_workers=0, dashboard_address=":0", host="127.0.0.1") as idle,
        pytest.raises(InputError, match="no workers"),
    ):
        stream(WORLD, SESSIONS, tmp_path, seed=SEED, cluster=idle.scheduler_address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere"])
def test_a_cluster_that_is_not_there(tmp_path, address, monkeypatch):
    monkeypatch.setattr(crew, "SECONDS_TO_CONNECT", 1)
    with pytest.raises(InputError, match="cannot reach a Dask scheduler"):
        stream(WORLD, SESSIONS, tmp_path, seed=SEED, cluster=address)


def test_the_missing_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match="uv sync --extra cluster"):
        stream(WORLD, SESSIONS, tmp_path, seed=SEED, cluster="tcp://127.0.0.1:1")
