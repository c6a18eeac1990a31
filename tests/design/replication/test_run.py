"""Runs that last: resumed, extended, refused, and the same bytes whoever does the work."""

import json
import os
import signal
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import cloudpickle
import pytest

from knowntruth.common.errors import InputError
from knowntruth.design.diagnose import diagnose
from knowntruth.design.replication.plan import replicate_seed
from knowntruth.design.replication.store import DIAGNOSANDS, REPLICATES
from knowntruth.design.replication.table import load_stored
from knowntruth.design.sources.two_arm import QUESTION, DifferenceInMeans, TwoArm

TWO_ARM, DIFFERENCE = TwoArm(), DifferenceInMeans()
LASTING = (REPLICATES, DIAGNOSANDS, "manifest.json")


def run(out, replicates=25, workers=1, source=TWO_ARM, strategy=DIFFERENCE, **how):
    return diagnose([source], [strategy], replicates, estimands=[QUESTION], workers=workers, out=out, **how)


def contents(folder):
    return {name: (folder / name).read_bytes() for name in LASTING}


@dataclass(frozen=True)
class Mortal(TwoArm):
    """Its worker dies at replicate 12, until there are ``deaths`` files in the folder ``graves``."""

    graves: str = ""
    deaths: int = 0

    def draw(self, seed):
        taken = len(os.listdir(self.graves))
        if seed == replicate_seed(1, 12) and taken < self.deaths:
            (Path(self.graves) / str(taken)).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return TwoArm.draw(self, seed)


cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import a test


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uninterrupted")
    run(folder)
    return contents(folder)


def test_a_folder_is_read_back_as_the_table(tmp_path):
    made = run(tmp_path)
    assert load_stored(tmp_path).equals(made.table)
    assert json.loads((tmp_path / "manifest.json").read_text())["finished"]


def test_a_resumed_run_ends_in_the_same_bytes_and_repeats_nothing(tmp_path, uninterrupted):
    part = tmp_path / "part"
    run(part)
    parts = sorted((part / "parts").glob("case-*"))
    assert len(parts) == 3
    parts[1].unlink()
    for name in LASTING:
        (part / name).unlink(missing_ok=name != "manifest.json")
    kept = {path: path.stat().st_mtime_ns for path in (parts[0], parts[2])}
    (part / "manifest.json").write_bytes(uninterrupted["manifest.json"])
    run(part)
    assert contents(part) == uninterrupted
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


def test_more_replicates_go_on_from_fewer(tmp_path, uninterrupted):
    run(tmp_path, replicates=13)
    first = (tmp_path / "parts" / "case-000-0000000.parquet").stat().st_mtime_ns
    run(tmp_path, replicates=25)
    assert contents(tmp_path) == uninterrupted
    assert (tmp_path / "parts" / "case-000-0000000.parquet").stat().st_mtime_ns == first


def test_workers_write_the_same_bytes(tmp_path, uninterrupted):
    run(tmp_path, workers=2)
    assert contents(tmp_path) == uninterrupted


@pytest.mark.parametrize("change", [{"seed": 2}, {"source": TwoArm(200)}])
def test_a_folder_of_another_diagnosis_is_left_alone(tmp_path, change):
    run(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(InputError, match="it holds another diagnosis"):
        run(tmp_path, **change)
    assert contents(tmp_path) == before


def changed(observed, question):
    return replace(DIFFERENCE.estimate(observed, question), value=0.0)


def test_a_changed_program_is_noticed(tmp_path):
    run(tmp_path)
    with pytest.raises(InputError, match="the first replicate in the folder differs from the one computed now"):
        run(tmp_path, strategy=DifferenceInMeans(estimate=changed))


def test_files_of_others_are_not_touched(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="holds files that knowntruth did not write"):
        run(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_without_a_table_is_told(tmp_path):
    with pytest.raises(InputError, match="no table of replicates"):
        load_stored(tmp_path)


def test_progress_tells_of_every_batch(tmp_path):
    told = []
    run(tmp_path, progress=lambda said, share: told.append((said, share)))
    assert [said for said, _ in told] == [
        "0 of 25 replicates", "10 of 25 replicates", "20 of 25 replicates", "25 of 25 replicates", "truth",
    ]  # fmt: skip
    shares = [share for _, share in told]
    assert shares == sorted(shares)


@pytest.mark.slow
@pytest.mark.parametrize("deaths", [1, 2])
def test_a_killed_worker_is_replaced_and_nothing_counted_twice(tmp_path, deaths):
    made = run(None, workers=2, source=Mortal(graves=str(tmp_path), deaths=deaths))
    assert len(list(tmp_path.iterdir())) == deaths
    assert made.table["replicate"].tolist() == list(range(25))
    assert made.table["estimate"].equals(run(None).table["estimate"])


@pytest.mark.slow
def test_workers_that_keep_dying_end_the_run(tmp_path):
    with pytest.raises(InputError, match="a worker process was killed"):
        run(None, workers=2, source=Mortal(graves=str(tmp_path), deaths=99))
