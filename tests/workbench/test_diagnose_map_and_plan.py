"""The map that ``diagnose --out`` draws, its pages, and ``plan``: what they show, and what they refuse."""

import json
import re

import pandas as pd
import pytest

from knowntruth.datasets.storage.files import sha256
from knowntruth.workbench.report import cell_pages, diagnosis_map


def test_every_file_is_there_and_in_the_manifest(surviving):
    listed = json.loads((surviving / "manifest.json").read_text())["files"]
    for name in (
        diagnosis_map.REPORT,
        diagnosis_map.PICTURE,
        diagnosis_map.RANKING,
        diagnosis_map.CELLS,
        "replicates.parquet",
    ):
        assert listed[name] == sha256(surviving / name)
    pages = [name for name in listed if name.startswith("cells/")]
    assert len(pages) == 2 * 3
    assert (surviving / diagnosis_map.PICTURE).read_bytes().startswith(b"\x89PNG")


def test_the_map_has_a_number_for_every_pair_and_links_to_its_page(surviving):
    page = (surviving / diagnosis_map.REPORT).read_text()
    links = re.findall(r'href="(cells/[^"]+)"', page)
    assert len(links) == 2 * 2 * 3
    assert all((surviving / link).is_file() for link in links)
    assert page.count("range") >= 2  # no_assumption_bounds gives no point, so its bias is none
    assert "<script" not in page
    assert "http" not in re.sub(r"<style>.*?</style>", "", page, flags=re.S)


def test_a_page_says_what_went_wrong(surviving):
    page = (surviving / cell_pages.file_name("null", "naive")).read_text()
    for word in ("Naive contrast in null", "What went wrong", "bias", "Intervals contain the truth", "replay(run,",
                 "the rating is the true level", "<svg", 'aria-label="4 intervals'):  # fmt: skip
        assert word in page
    assert "mean seconds" not in page


def test_tables_say_the_same_as_the_pages(surviving):
    cells = pd.read_csv(surviving / diagnosis_map.CELLS, keep_default_na=False).set_index(["world", "strategy"])
    assert len(cells) == 6
    assert "bias" in cells.loc[("null", "naive"), "faults"]
    ranks = pd.read_csv(surviving / diagnosis_map.RANKING)
    assert sorted(ranks["rank"]) == [1, 2, 3]
    assert (ranks["rank_lower"] <= ranks["rank"]).all()
    assert (ranks["rank"] <= ranks["rank_upper"]).all()


def test_the_same_diagnosis_draws_the_same_bytes(run, surviving, diagnosed, tmp_path):
    code, _out, err = run(*diagnosed, "--out", tmp_path / "again")
    assert code == 0
    assert "the map is" in err
    for name in (
        diagnosis_map.REPORT,
        diagnosis_map.PICTURE,
        diagnosis_map.RANKING,
        cell_pages.file_name("halo", "no_assumption_bounds"),
    ):
        assert (surviving / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


@pytest.mark.slow
def test_a_plan_is_answered_drawn_and_kept(run, tmp_path):
    asked = ("plan", "confounded", "--strategy", "naive", "--width", "0.3", "--replicates", "20", "--workers", "1")
    code, out, err = run(*asked, "--out", tmp_path, "--json")
    assert code == 0
    (row,) = json.loads(out)
    assert row["holds"]
    assert row["users"] <= row["sessions"]
    assert "plan.png" in err
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")
    assert pd.read_csv(tmp_path / "plan.csv")["sessions"].iloc[0] == row["sessions"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["published"], "give one target"),
        (["published", "--width", "0.1", "--power", "0.8"], "give one target"),
        (["published", "--power", "1.5"], "the power must be a probability"),
        (["published", "--power", "0.8", "--strategy", "niave"], "no strategy 'niave'"),
        (["published", "--power", "0.8", "--assurance", "2"], "--assurance must be a probability"),
        (["publish", "--power", "0.8"], "no world 'publish'"),
    ],
)
def test_impossible_plans_are_refused(run, asked, message):
    code, out, err = run("plan", *asked)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err
