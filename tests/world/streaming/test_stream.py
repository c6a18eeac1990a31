import dataclasses
import json
import shutil
from importlib.metadata import version

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from knowntruth.common.errors import InputError
from knowntruth.datasets.schema.categories import SURFACES
from knowntruth.datasets.schema.check import check
from knowntruth.datasets.storage.readers import read
from knowntruth.engine.intervention import Policy, Shift
from knowntruth.engine.mechanism import mechanism
from knowntruth.world.definition.world import load
from knowntruth.world.mechanisms.tasks import surface_used
from knowntruth.world.simulate import simulate
from knowntruth.world.streaming.part import PIECE, Part, write
from knowntruth.world.streaming.recipe import recipe
from knowntruth.world.streaming.stream import stream

WORLD = load("published")
SEED = 5
SESSIONS = 30_000
"""From some 18,000 people: more than one piece, and more than one part where parts are small."""


def table(folder, name):
    return pa.concat_tables([pq.ParquetFile(file).read() for file in sorted((folder / name).iterdir())])


def same(folder, dataset):
    return all(table(folder, name).equals(getattr(dataset, name)) for name in ("observed", "truth"))


def manifest(folder):
    return json.loads((folder / "manifest.json").read_bytes())


@pytest.fixture(scope="module")
def at_once():
    return simulate(WORLD, SESSIONS, seed=SEED)


@pytest.fixture(scope="module")
def streamed(tmp_path_factory):
    """Return the folder of a small stream in several parts."""
    folder = tmp_path_factory.mktemp("streamed") / "many"
    stream(WORLD, 4000, folder, seed=SEED, workers=1, people=1000)
    return folder


@pytest.fixture
def copy(streamed, tmp_path):
    """Return a copy of it, to be spoiled."""
    for file in streamed.rglob("*"):
        if file.is_file():
            target = tmp_path / file.relative_to(streamed)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(file.read_bytes())
    return tmp_path


@pytest.mark.parametrize(("people", "workers"), [(1000, 1), (4000, 2), (64_000, 2)])
def test_neither_parts_nor_workers_move_a_byte(tmp_path, at_once, people, workers):
    done = stream(WORLD, SESSIONS, tmp_path, seed=SEED, workers=workers, people=people)
    assert same(tmp_path, at_once)
    assert (
        done.parts
        == len(list((tmp_path / "truth").iterdir()))
        == -(-at_once.observed["user_id"][-1].as_py() // people)
    )


@pytest.mark.parametrize("sessions", [1, 1700, 5001])
def test_exactly_so_many_sessions(tmp_path, sessions):
    stream(WORLD, sessions, tmp_path, seed=SEED, workers=1, people=1000)
    assert same(tmp_path, simulate(WORLD, sessions, seed=SEED))


def test_a_range_of_people_can_be_made_alone(tmp_path, at_once):
    number, people = 2, 5000
    users = at_once.observed["user_id"].to_numpy()
    inside = (users >= number * people) & (users < (number + 1) * people)
    write(recipe(WORLD, SEED), Part(number, people, int(inside.sum())), tmp_path)
    for name in ("observed", "truth"):
        assert table(tmp_path, name).equals(getattr(at_once, name).filter(pa.array(inside)))


def test_a_part_is_made_piece_by_piece(tmp_path):
    people = 3 * PIECE
    write(recipe(WORLD, SEED), Part(0, people, rows=people), tmp_path)
    written = pq.ParquetFile(tmp_path / "observed" / "part-00000.parquet").metadata
    assert written.num_rows == people
    assert 1 < written.num_row_groups <= 3


def test_what_was_done_to_a_world_reaches_the_workers(tmp_path):
    @mechanism("session", parents=("ability",), unit="SD", meaning="difficulty of the task")
    def difficulty(dials, at, noise):
        return 0.5 * at.ability + noise.normal()

    own = WORLD.with_mechanism(difficulty).turn(activity={"mean_more": 2.0})
    own = own.do(domain_expertise=4, specificity=Shift(0.5), patience=Policy(lambda natural, at: abs(natural)))
    stream(own, 4000, tmp_path, seed=SEED, workers=2, people=1000)
    assert same(tmp_path, simulate(own, 4000, seed=SEED))
    assert not table(tmp_path, "observed").equals(simulate(WORLD, 4000, seed=SEED).observed)
    assert stream(own, 4000, tmp_path, seed=SEED, workers=1, people=1000).kept > 0


def test_progress_never_goes_back_and_ends_with_everything(tmp_path):
    told = []
    stream(WORLD, 3000, tmp_path, seed=SEED, workers=1, people=1000, progress=lambda said, share: told.append(share))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


# The folder ------------------------------------------------------------------------------------------------------


def test_the_manifest_says_what_the_run_is_and_hashes_every_file(streamed):
    said = manifest(streamed)
    assert (said["sessions"], said["seed"], said["world"]["name"]) == (4000, SEED, "published")
    assert said["finished"] and sum(said["rows"]) == 4000
    assert said["versions"]["knowntruth"] == version("knowntruth")
    files = {f"{name}/part-{k:05d}.parquet" for name in ("observed", "truth") for k in range(len(said["rows"]))}
    files |= {"graph.json"}
    assert set(said["files"]) == files
    assert files | {"manifest.json"} == {
        file.relative_to(streamed).as_posix() for file in streamed.rglob("*") if file.is_file()
    }


def test_a_second_run_keeps_every_part(copy):
    before = {file: file.stat().st_mtime_ns for file in copy.rglob("*.parquet")}
    done = stream(WORLD, 4000, copy, seed=SEED, workers=1, people=1000)
    assert done.kept == done.parts == len(before) / 2
    assert {file: file.stat().st_mtime_ns for file in copy.rglob("*.parquet")} == before


def test_a_broken_or_missing_part_is_made_again(copy, streamed):
    broken = copy / "truth" / "part-00001.parquet"
    broken.write_bytes(broken.read_bytes()[:-100])
    (copy / "observed" / "part-00002.parquet").unlink()
    done = stream(WORLD, 4000, copy, seed=SEED, workers=1, people=1000)
    assert done.kept == done.parts - 2
    assert manifest(copy) == manifest(streamed)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": SEED + 1}, "seed is 5 there and 6 here"),
        ({"sessions": 4001}, "sessions is 4000 there"),
        ({"people": 2000}, "people_in_a_part"),
        ({"world": load("null")}, "another run .world."),
        ({"world": WORLD.do(domain_expertise=5)}, "world.interventions"),
        ({"world": WORLD.turn(activity={"mean_more": 0.0})}, "world.dials.activity.mean_more"),
    ],
)
def test_a_folder_of_another_run_is_left_alone(copy, change, message):
    before = {file: file.read_bytes() for file in copy.rglob("*") if file.is_file()}
    asked = {"world": WORLD, "sessions": 4000, "seed": SEED, "people": 1000, "workers": 1} | change
    with pytest.raises(InputError, match=message):
        stream(asked.pop("world"), asked.pop("sessions"), copy, **asked)
    assert {file: file.read_bytes() for file in copy.rglob("*") if file.is_file()} == before


def test_another_release_is_another_run(copy, monkeypatch):
    monkeypatch.setattr("knowntruth.world.streaming.stream.versions", lambda: {"knowntruth": "0.0.0"})
    with pytest.raises(InputError, match=r"versions\.\w+ is"):
        stream(WORLD, 4000, copy, seed=SEED, workers=1, people=1000)


def test_rows_that_this_program_would_not_make_are_noticed(copy):
    first = copy / "truth" / "part-00000.parquet"
    rows = pq.ParquetFile(first).read()
    pq.write_table(
        rows.set_column(1, rows.column_names[1], rows.column(1).take(pa.array(range(len(rows))[::-1]))), first
    )
    with pytest.raises(InputError, match="first rows"):
        stream(WORLD, 4000, copy, seed=SEED, workers=1, people=1000)


def test_a_folder_of_other_files_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="did not write"):
        stream(WORLD, 100, tmp_path, seed=SEED, workers=1)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_too_little_room_is_said_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: dataclasses.make_dataclass("Usage", ["free"])(1000))
    with pytest.raises(InputError, match="disk is full"):
        stream(WORLD, 1000, tmp_path / "full", seed=SEED, workers=1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"sessions": 0}, "1 or more"),
        ({"seed": -1}, "seed"),
        ({"workers": 0}, "workers must be"),
        ({"people": 10}, "from 1,000"),
        ({"workers": 1, "cluster": "tcp://127.0.0.1:1"}, "exclude each other"),
    ],
)
def test_impossible_numbers_are_refused(tmp_path, wrong, message):
    asked = {"sessions": 100, "seed": SEED} | wrong
    with pytest.raises(InputError, match=message):
        stream(WORLD, asked.pop("sessions"), tmp_path / "none", **asked)
    assert not (tmp_path / "none").exists()


def test_a_world_without_interactive_sessions_is_refused(tmp_path):
    @mechanism("session", outputs=surface_used.outputs)
    def nobody_there(dials, at, noise):
        everyone = np.full(len(noise.users), len(SURFACES), dtype=np.int8)
        return {"surface": everyone, "interactive_chance": np.zeros(len(everyone))}

    with pytest.raises(InputError, match="hardly any interactive sessions"):
        stream(WORLD.with_mechanism(nobody_there), 1000, tmp_path, seed=SEED, workers=1, people=250_000)


# Reading ---------------------------------------------------------------------------------------------------------


def test_the_folder_reads_as_one_table(streamed):
    expected = check(simulate(WORLD, 4000, seed=SEED).observed.to_pandas())
    assert read(streamed).equals(expected)
    assert read(streamed / "observed").equals(expected)


def test_an_unfinished_folder_is_not_read(copy):
    said = manifest(copy)
    (copy / "manifest.json").write_text(json.dumps({**said, "finished": False}))
    with pytest.raises(InputError, match="not finished"):
        read(copy)
