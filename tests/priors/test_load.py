"""Prior tables: the shipped ones are whole, and whatever cannot be meant is refused with a usable sentence."""

import csv
import math
from pathlib import Path

import pytest

from knowntruth.common.errors import InputError
from knowntruth.priors.load import FOLDER, load, names
from knowntruth.priors.tables import Priors

TOPICS = [name for name in Priors.model_fields if name not in {"name", "title"}]
FIGURES = Path(__file__).parents[2] / "models" / "knowntruth" / "study" / "figures.csv"
HEAD = 'title = "mine"\nbased_on = "weak"\n'
WORDS = 'unit = "u"\nsource = "s"\nwhy = "w"\n'
NORMAL = 'distribution = "normal"\nmean = 0.0\nsd = 1.0\n'


def written(folder, text):
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", names())
def test_every_shipped_table_is_whole_and_says_why(name):
    priors = load(name)
    assert priors.name == name
    for topic in TOPICS:
        for row in getattr(priors, topic).model_dump().values():
            assert len(row["why"]) > 20 and row["source"] and row["unit"]


def test_a_name_and_its_path_are_the_same():
    assert load(FOLDER / "weak.toml") == load("weak")


def test_sceptical_differs_from_weak_only_in_effects_and_doubts():
    weak, sceptical = load("weak"), load("sceptical")
    for topic in ("activity", "verified_success"):
        ours, theirs = getattr(sceptical, topic), getattr(weak, topic)
        assert ours.effect.sd < theirs.effect.sd and ours.coding_effect.sd == ours.effect.sd
        same = {"effect": theirs.effect, "coding_effect": theirs.coding_effect}
        assert ours.model_copy(update=same) == theirs
    assert sceptical.measurement.halo.mean > 0 and sceptical.joint == weak.joint


def test_published_is_centred_on_the_published_figures():
    """What the rows say they are taken from, computed again from the figures themselves."""
    published = load("published")
    figures = csv.DictReader(FIGURES.read_text(encoding="utf-8").splitlines())
    value = {row["key"]: row["value"] for row in figures}
    steps = 4 * math.log1p(float(value["actions_per_level_adjusted"]) / 100)
    assert published.activity.effect.mean == pytest.approx(steps, abs=0.01)
    low, high = (float(value[f"verified_success_adj_{level}"]) / 100 for level in ("novice", "expert"))
    odds_ratio = high / (1 - high) / (low / (1 - low))
    assert published.verified_success.effect.mean == pytest.approx(math.log(odds_ratio), abs=0.01)


def test_a_new_row_needs_no_code(tmp_path):
    row = '[activity.user_scale]\ndistribution = "gamma"\nmean = 0.5\nsd = 0.2\n' + WORDS
    priors = load(written(tmp_path, HEAD + row))
    assert priors.activity.user_scale.distribution == "gamma"
    assert priors.verified_success == load("weak").verified_success


def test_saved_rows_can_be_read_back():
    priors = load("weak")
    assert Priors.model_validate_json(priors.model_dump_json()) == priors


BAD = {
    "misspelt row": ("[activity.efect]\n" + NORMAL + WORDS, "did you mean 'effect'"),
    "misspelt topic": ("[activty.effect]\n" + NORMAL + WORDS, "did you mean 'activity'"),
    "misspelt key": ("[activity.effect]\n" + NORMAL.replace("mean", "maen") + WORDS, "did you mean 'mean'"),
    "unknown distribution": ("[activity.effect]\n" + NORMAL.replace("normal", "norml") + WORDS, "student_t"),
    "wrong support": ("[activity.user_scale]\n" + NORMAL + WORDS, "half_normal"),
    "no distribution": ("[activity.effect]\nmean = 0.0\nsd = 1.0\n" + WORDS, "activity.effect.distribution"),
    "impossible value": ("[activity.effect]\n" + NORMAL.replace("1.0", "0.0") + WORDS, "greater than 0"),
    "infinite value": ("[activity.effect]\n" + NORMAL.replace("1.0", "inf") + WORDS, "finite"),
    "wrong type": ("[activity.effect]\n" + NORMAL.replace("1.0", '"1"') + WORDS, "activity.effect.sd"),
    "no reason": ("[activity.effect]\n" + NORMAL + 'unit = "u"\nsource = "s"\n', "activity.effect.why"),
    "not a table": ("activity = 3\n", "activity = 3"),
    "broken TOML": ("[activity.effect\n", "line 3"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD.keys())
def test_what_cannot_be_meant_is_refused_with_a_usable_sentence(tmp_path, text, said):
    with pytest.raises(InputError) as refusal:
        load(written(tmp_path, HEAD + text))
    assert said in str(refusal.value)
    assert "mine.toml" in str(refusal.value)


def test_a_missing_row_is_named(tmp_path):
    text = (FOLDER / "weak.toml").read_text(encoding="utf-8").replace("[activity.effect]", "[activity.intercept_too]")
    with pytest.raises(InputError, match=r"activity\.effect is missing"):
        load(written(tmp_path, text))


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError, match="published, sceptical, weak"):
        load("week")


def test_an_unknown_base_is_refused(tmp_path):
    with pytest.raises(InputError, match="based_on = 'wek'"):
        load(written(tmp_path, 'title = "x"\nbased_on = "wek"\n'))


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not valid TOML"):
        load(path)
