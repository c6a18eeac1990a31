"""``knowntruth diagnose`` and ``ledger``: the tables, the folders, and what is refused."""

import json

import pandas as pd
import pytest

from knowntruth.design.ledger.components import COMPONENTS

SMALL = ("--sessions", "1500", "--replicates", "2", "--workers", "1", "--strategies", "naive", "--seed", "3")


def test_a_diagnosis_is_shown_and_kept_and_read_back(run, tmp_path):
    code, out, err = run("diagnose", "null", "halo", *SMALL, "--out", tmp_path, "--json")
    assert code == 0
    rows = pd.DataFrame(json.loads(out))
    assert set(rows["world"]) == {"null", "halo"}
    assert {"bias", "coverage", "power", "type_s", "mean_width"} <= set(rows["diagnosand"])
    assert "answers into" in err
    kept = pd.read_parquet(tmp_path / "replicates.parquet")
    assert len(kept) == 2 * 2 * 2
    assert (tmp_path / "diagnosands.csv").is_file()


def test_people_get_a_table_an_estimand(run):
    code, out, err = run("diagnose", "null", *SMALL, "--vary", "sessions=1000,1500")
    assert code == 0
    for word in ("activity ratio", "verified difference", "naive", "coverage", "±", "1,000"):
        assert word in out
    assert "--replicates" in err


def test_wanted_errors_are_turned_into_replicates(run):
    code, _out, err = run("diagnose", "null", *SMALL, "--mcse", "bias=0.0001,mean_width=50")
    assert code == 0
    assert "a Monte Carlo error of 0.0001 in every bias" in err
    assert "mean width" not in err


def test_reasons_of_failures_are_told(run):
    small = [*SMALL[:-4], "--strategies", "simex"]
    code, _out, err = run("diagnose", "null", *small)
    assert code == 0
    assert "simex gave no answer in 4 cases: no validation sample" in err


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (["nul"], "no world 'nul'; did you mean 'null'"),
        (["null", "--strategies", "niave"], "no strategy 'niave'"),
        (["null", "--vary", "halo"], "cannot read --vary 'halo'"),
        (["null", "--vary", "halo=1"], "cannot vary 'halo'"),
        (["null", "--sessions", "5"], "give a whole number, 100 or more"),
        (["null", "--mcse", "bais=0.1"], "cannot read --mcse 'bais=0.1'"),
        (["null", "--mcse", "bias=0"], "an error above 0"),
        (["null", "--by", "colour"], "cannot group by 'colour'"),
        (["null", "--workers", "2", "--cluster", "tcp://x:1"], "give one of them"),
    ],
)
def test_bad_input_is_one_clear_message(run, asked, message):
    code, out, err = run("diagnose", *asked)
    assert (code, out) == (2, "")
    assert message in err
    assert "Traceback" not in err


def test_a_ledger_adds_up_and_is_drawn(run, tmp_path):
    code, out, _err = run("ledger", "halo", "--sessions", "3000", "--out", tmp_path, "--json")
    assert code == 0
    rows = pd.DataFrame(json.loads(out)).set_index(["quantity", "component"])["value"]
    for quantity in ("verified_success", "actions_per_prompt"):
        amounts = rows[quantity]
        assert set(COMPONENTS) < set(amounts.index)
        assert amounts.drop("published contrast").sum() == pytest.approx(amounts["published contrast"], abs=1e-9)
    assert (tmp_path / "ledger.png").read_bytes().startswith(b"\x89PNG")
    assert pd.read_csv(tmp_path / "ledger.csv").shape[0] == 2 * (len(COMPONENTS) + 3)


def test_people_get_the_ledger_in_two_tables(run):
    code, out, _err = run("ledger", "null", "--sessions", "2000")
    assert code == 0
    for word in ("slope of verified success", "slope of log actions", "confounding", "true effect", "±"):
        assert word in out
