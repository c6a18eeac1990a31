"""The report: one page that needs nothing else, says what it is not, and says by how much the study misses."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import xarray as xr

from knowntruth.datasets.storage import files, readers
from knowntruth.workbench.output.tables import grid
from knowntruth.workbench.plots import gallery
from knowntruth.workbench.report import sentences, write_folder
from knowntruth.workbench.report.report import CONTENTS, page


class Reader(HTMLParser):
    """Collects the tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def made(results, drawn) -> str:
    return page(results, drawn)


@pytest.fixture(scope="module")
def reader(made) -> Reader:
    parsed = Reader()
    parsed.feed(made)
    return parsed


def test_nothing_is_fetched_and_nothing_runs(reader):
    assert not [tag for tag, _ in reader.tags if tag in {"script", "iframe", "object", "embed"}]
    links = [value for _, attributes in reader.tags for name, value in attributes.items() if name in {"src", "href"}]
    assert len(links) > 10
    assert all(link.startswith(("data:", "#")) for link in links)


def test_every_picture_is_inside_and_told(reader):
    images = [attributes for tag, attributes in reader.tags if tag == "img"]
    assert len(images) == len(gallery.SKETCHES)
    assert all(image["src"].startswith("data:image/png;base64,") and len(image["alt"]) > 40 for image in images)


def test_the_contents_lead_to_every_section(reader):
    ids = [attributes["id"] for tag, attributes in reader.tags if tag == "section"]
    hrefs = [attributes["href"] for tag, attributes in reader.tags if tag == "a"]
    assert ids == [key for key, _ in CONTENTS]
    assert hrefs == [f"#{key}" for key in ids]


def test_it_says_first_what_it_is_not(reader):
    for phrase in ("synthetic", "independent of the study’s authors", "not what is", "one world"):
        assert phrase in reader.text[: reader.text.index("In brief", 3000)]


def test_every_claim_stands_with_its_answers(reader, results):
    for row in results.claims.itertuples():
        assert row.claim in reader.text
        assert row.says in reader.text


def test_it_says_by_how_much_the_regression_misses(results):
    lines = sentences.main_findings(results)
    slope = results.claims[results.claims["unit"].eq("probability per level")].iloc[0]
    assert any(slope["says"] in line for line in lines)
    assert any("misses the true value" in line for line in lines)  # the made-up ratio does
    assert any("contains the true value" in line for line in lines)  # and the difference does not


@pytest.mark.parametrize(
    ("changes", "command"),
    [
        ({}, "knowntruth study --world published --sessions 4000 --seed 5"),
        ({"world": "my world", "perfect_instruments": True},
         "knowntruth study --world 'my world.toml' --sessions 4000 --seed 5 --perfect-instruments"),
        ({"sessions": 398_198, "users": 234_751}, "knowntruth study --world published --full --seed 5"),
    ],
)  # fmt: skip
def test_the_command_that_makes_it_again(results, changes, command):
    assert sentences.command(replace(results.about, **changes)) == command


def test_a_failed_sampler_is_told_beside_its_numbers(results, made):
    failed = replace(results.bayes, diagnostics=results.bayes.diagnostics.assign(verdict="fail"))
    warning = "The sampler failed a diagnostic below"
    assert warning in page(replace(results, bayes=failed), {section: [] for section in gallery.SECTIONS})
    assert warning not in made


def test_no_missing_number_is_printed(reader):
    assert not re.search(r"\b(nan|None|NaT)\b", reader.text)


def test_text_of_a_world_cannot_become_markup(results):
    about = replace(results.about, description="<b>bold</b> & more", lesson="")
    made = page(replace(results, about=about), {section: [] for section in gallery.SECTIONS})
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; more" in made


@pytest.fixture(scope="module")
def written(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("out") / "study"
    with files.output_folder(path, "study", {"seed": 5}) as stage:
        write_folder.write(results, stage)
    return path


def test_the_folder_holds_every_file(results, written, made):
    manifest = json.loads((written / "manifest.json").read_text())
    expected = {"report.html", "observed.parquet", "truth.parquet", "posterior.nc", "claims.csv", "checks.csv"}
    expected |= {f"figures/{sketch.name}.png" for sketch in gallery.SKETCHES}
    expected |= {f"tables/{name}.csv" for name in (*results.tables, "comparison", "truth", "effects")}
    assert expected <= set(manifest["files"])
    assert (written / "report.html").read_text(encoding="utf-8") == made  # drawn and told twice, the same


def test_what_is_written_can_be_read_again(results, written):
    assert len(readers.read(written)) == results.observed.num_rows
    assert pq.read_table(written / "truth.parquet").num_rows == results.observed.num_rows
    claims = pd.read_csv(written / "claims.csv")
    np.testing.assert_array_equal(claims["seen"], results.claims["seen"])
    with xr.open_datatree(written / "posterior.nc", engine="h5netcdf") as tree:
        assert set(tree.children) == {"activity", "verified_success"}


def test_a_posterior_is_the_same_bytes_again(results, written):
    write_folder.write_posterior(written.parent / "again.nc", results.bayes.posterior)
    assert files.sha256(written.parent / "again.nc") == files.sha256(written / "posterior.nc")


def test_a_grid_is_short_and_leaves_out_what_is_empty():
    frame = pd.DataFrame({"a_b": [1234.5678, np.nan], "empty": [np.nan, np.nan], "ok": [True, False], "t": ["x", ""]})
    made = grid(frame, {"t": "text"})
    assert [head.text for head in made.heads] == ["a b", "ok", "text"]
    assert [[cell.text for cell in row] for row in made.rows] == [["1,235", "yes", "x"], ["–", "no", "–"]]
