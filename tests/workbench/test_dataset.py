"""``knowntruth dataset`` and ``score``: what they write, what they hide, and what they refuse."""

import hashlib
import json
import subprocess

import numpy as np
import pandas as pd
import pytest

from knowntruth.datasets.storage.files import sha256
from knowntruth.datasets.storage.readers import read
from knowntruth.workbench.jobs.data import challenge
from knowntruth.workbench.jobs.data import dataset as bundles
from knowntruth.world.definition.world import load, names
from knowntruth.world.simulate import simulate

SESSIONS = 60
SEED = 4


@pytest.fixture(scope="module", autouse=True)
def quick():
    """Few sessions behind the true effects; how they are found is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundles, "TRUTH_SESSIONS", 2000)
        yield


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("written") / "confounded"
    bundles.write_dataset("confounded", SESSIONS, seed=SEED, out=folder, kinds=("parquet", "csv", "arrow"))
    return folder


@pytest.fixture(scope="module")
def blind(tmp_path_factory):
    folder = tmp_path_factory.mktemp("blind") / "challenge"
    challenge.write_challenge("confounded", SESSIONS, out=folder, kinds=("parquet", "csv"))
    return folder


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    folder = tmp_path_factory.mktemp("blind") / "other"
    challenge.write_challenge("null", SESSIONS, out=folder, kinds=("csv",))
    return folder


def test_rows_are_those_of_the_world(written):
    dataset = simulate(load("confounded"), SESSIONS, seed=SEED)
    assert pd.read_parquet(written / "observed.parquet").equals(dataset.observed.to_pandas())
    assert pd.read_parquet(written / "truth.parquet").equals(dataset.truth.to_pandas())


def test_formats_say_the_same(written):
    whole = read(written / "observed.parquet")
    for ending in ("csv", "arrow"):
        pd.testing.assert_frame_equal(read(written / f"observed.{ending}"), whole)
    pd.testing.assert_frame_equal(read(written), whole)


def test_who_has_a_level_fares_as_its_potential_outcome_says(written):
    """Consistency, read from the files alone; with the levels shuffled it fails."""
    truth = pd.read_parquet(written / "truth.parquet")
    potential = pd.read_parquet(written / "potential_outcomes.parquet")
    assert potential["session_id"].equals(truth["session_id"])

    def agrees(levels: pd.Series) -> bool:
        columns = [f"true_success_domain_expertise_{k}" for k in levels]
        picked = potential[columns].to_numpy()[np.arange(SESSIONS), np.arange(SESSIONS)]
        return bool((picked == truth["true_success"]).all())

    assert agrees(truth["domain_expertise"])
    assert not agrees(6 - truth["domain_expertise"])


def test_effects_among_these_sessions_follow_from_the_potential_outcomes(written):
    found = pd.read_csv(written / "estimands.csv").set_index(["estimand", "contrast"])
    goal = pd.read_parquet(written / "truth.parquet")["goal"]
    rows = pd.read_parquet(written / "potential_outcomes.parquet")[goal.to_numpy()]
    by_hand = (rows["true_success_domain_expertise_5"].astype(int) - rows["true_success_domain_expertise_1"]).mean()
    assert found.loc[("success_difference", "5 vs 1"), "sample_value"] == pytest.approx(by_hand)
    actions = [np.log(rows[f"actions_per_prompt_domain_expertise_{k}"]).mean() for k in (5, 1)]
    assert found.loc[("activity_ratio", "5 vs 1"), "sample_value"] == pytest.approx(np.exp(actions[0] - actions[1]))


def test_the_codebook_has_every_column_with_unit_and_meaning(written):
    text = (written / "codebook.md").read_text()
    for name in ("observed", "truth", "potential_outcomes", "estimands"):
        section = text.split(f"## Table `{name}`")[1].split("\n## ")[0]
        rows = {
            row.split("|")[1].strip(" `"): row.split(" | ") for row in section.splitlines() if row.startswith("| `")
        }
        assert list(rows) == pd.read_parquet(written / f"{name}.parquet").columns.tolist()
        assert all(unit.strip() and meaning.strip(" |") for _, _, unit, _, _, meaning in rows.values())


def test_checksums_as_the_system_reads_them(written):
    asked = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    done = subprocess.run(asked, cwd=written, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = {line.split("  ")[1] for line in (written / "SHA256SUMS").read_text().splitlines()}
    assert told == {f.name for f in written.iterdir()} - {"SHA256SUMS", "manifest.json"}


@pytest.mark.slow
def test_the_same_bytes_again(written, tmp_path):
    bundles.write_dataset(
        "confounded", SESSIONS, seed=SEED, out=tmp_path / "again", kinds=("parquet", "csv", "arrow")
    )
    assert sha256(tmp_path / "again" / "SHA256SUMS") == sha256(written / "SHA256SUMS")


def test_the_open_folder_tells_nothing(blind):
    key = json.loads((blind.with_name("challenge.sealed") / "key.json").read_text())
    assert key["world"] == "confounded"
    assert {f.name for f in blind.iterdir()} == {
        "observed.parquet", "observed.csv", "graph.gml", "graph.dot", "graph.dagitty.txt", "graph.json",
        "estimates.csv", "codebook.md", "croissant.json", "datapackage.json", "LICENSE", "SHA256SUMS",
        "manifest.json",
    }  # fmt: skip
    every_byte = b"".join(f.read_bytes() for f in blind.iterdir())
    for secret in (str(key["seed"]), key["salt"], load("confounded").description, "by_ability", "dials"):
        assert secret.encode() not in every_byte
    words = b"".join(f.read_bytes() for f in blind.iterdir() if f.suffix in (".json", ".md", ".gml", ".dot"))
    assert not [name for name in names() if f'"{name}"'.encode() in words or f"`{name}`".encode() in words]
    assert set(pd.read_parquet(blind / "observed.parquet")) == set(
        simulate(load("null"), 20, seed=1).observed.column_names
    )


def test_the_open_graph_does_not_tell_worlds_apart(blind, other):
    """The arrows that act would: in `null` they are fewer."""
    for ending in ("gml", "dot", "dagitty.txt", "json"):
        assert sha256(blind / f"graph.{ending}") == sha256(other / f"graph.{ending}")
    sealed = [f.with_name(f.name + ".sealed") / "graph.json" for f in (blind, other)]
    assert sha256(sealed[0]) != sha256(sealed[1])


def test_the_seed_is_a_secret(blind, other):
    """Who tries the seeds that people choose does not find the rows; who has the key does."""
    seen = pd.read_parquet(blind / "observed.parquet")
    key = json.loads((blind.with_name("challenge.sealed") / "key.json").read_text())
    made = {
        s: simulate(load("confounded"), SESSIONS, seed=s).observed.to_pandas().equals(seen) for s in (0, 1, 2, 42)
    }
    assert not any(made.values())
    assert simulate(load("confounded"), SESSIONS, seed=key["seed"]).observed.to_pandas().equals(seen)
    assert json.loads((other.with_name("other.sealed") / "key.json").read_text())["seed"] != key["seed"]


def test_the_commitment_holds_the_answers(blind, run, tmp_path):
    commitment = json.loads((blind / "manifest.json").read_text())["commitment"]
    sealed = blind.with_name("challenge.sealed")
    assert hashlib.sha256((sealed / "key.json").read_bytes()).hexdigest() == commitment
    assert commitment in (blind / "codebook.md").read_text()
    copy = tmp_path / "sealed"
    copy.mkdir()
    for name in ("key.json", "estimands.csv", "estimands.parquet"):
        (copy / name).write_bytes((sealed / name).read_bytes())
    pd.read_csv(copy / "estimands.csv").assign(value=0.5).to_csv(copy / "estimands.csv", index=False)
    code, _, err = run("score", blind / "estimates.csv", "--sealed", copy)
    assert code == 2
    assert "is committed: estimands.csv differs" in err


def test_estimates_are_graded(blind, run):
    sealed = blind.with_name("challenge.sealed")
    true = pd.read_csv(sealed / "estimands.csv")
    form = pd.read_csv(blind / "estimates.csv")
    half = 0.1 * true["value"].abs() + 0.01
    right = form.assign(strategy="knows", value=true["value"], lower=true["value"] - half, upper=true["value"] + half)
    wrong = form.assign(strategy="guesses", value=9.0, lower=8.0, upper=10.0)
    mine = blind.parent / "challenge" / "estimates.csv"
    before = mine.read_bytes()
    pd.concat([right, wrong]).to_csv(mine, index=False)
    code, text, _ = run("score", mine, "--json")
    each, shown, _ = run("score", mine, "--each")
    mine.write_bytes(before)
    assert (code, each) == (0, 0)
    assert "truth error" in shown
    rows = pd.DataFrame(json.loads(text)).set_index("strategy")
    assert rows.loc["knows", "bias"].abs().max() < 1e-12
    assert rows.loc["knows", "coverage"].eq(1).all()
    assert rows.loc["guesses", "coverage"].eq(0).all()
    assert (rows.loc["guesses", "interval_score"].to_numpy() > rows.loc["knows", "interval_score"].to_numpy()).all()


def test_commands_and_what_they_refuse(run, tmp_path):
    code, out, err = run("dataset", "null", "--out", tmp_path / "d", "--sessions", 20, "--format", "csv")
    assert (code, out) == (0, "")
    assert "codebook.md" in err
    assert not list((tmp_path / "d").glob("*.parquet"))
    assert len(read(tmp_path / "d")) == 20
    refused = {
        ("dataset", "null", "--format", "cvs", "--out", tmp_path / "e"): "did you mean 'csv'",
        ("dataset", "nul", "--out", tmp_path / "e"): "did you mean 'null'",
        (
            "dataset",
            "null",
            "--sessions",
            2_000_000,
            "--out",
            tmp_path / "e",
        ): "knowntruth simulate` writes any number",
        ("dataset", "null", "--hide-truth", "--seed", 1, "--out", tmp_path / "e"): "one could try seeds",
        ("dataset", "null", "--sealed", tmp_path / "s", "--out", tmp_path / "e"): "add --hide-truth",
        (
            "dataset",
            "null",
            "--hide-truth",
            "--out",
            tmp_path / "e",
            "--sealed",
            tmp_path / "e" / "s",
        ): "choose one outs",
        (
            "dataset",
            "null",
            "--hide-truth",
            "--out",
            tmp_path / "d2",
            "--sealed",
            tmp_path / "d",
        ): "earlier challenge",
        ("score", tmp_path / "none.csv"): "give the folder of the answers with --sealed DIR",
        ("score", tmp_path / "none.csv", "--sealed", tmp_path / "d"): "no such file",
    }
    for command, said in refused.items():
        code, out, err = run(*command)
        assert (code, out) == (2, ""), command
        assert said in err, command
    assert not (tmp_path / "e").exists()
