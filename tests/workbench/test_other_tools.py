"""Datasets read back and used by tools that nobody here wrote."""

import json
import shutil
import subprocess

import duckdb
import mlcroissant
import networkx as nx
import numpy as np
import pandas as pd
import polars as pl
import pytest

from knowntruth.workbench.jobs.data import dataset as bundles

TABLES = ("observed", "truth", "potential_outcomes", "estimands")
SESSIONS = 50


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "confounded"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundles, "TRUTH_SESSIONS", 2000)
        bundles.write_dataset("confounded", SESSIONS, seed=2, out=path, kinds=("parquet", "csv", "arrow"))
    return path


def sample_value(folder, estimand: str, contrast: str) -> float:
    rows = pd.read_csv(folder / "estimands.csv").set_index(["estimand", "contrast"])
    return float(rows.loc[(estimand, contrast), "sample_value"])


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_duckdb_finds_the_effect_in_sql(folder, ending):
    found = duckdb.sql(f"""
        SELECT avg(p.true_verified_success_domain_expertise_5::INT - p.true_verified_success_domain_expertise_1::INT),
               exp(avg(ln(p.actions_per_prompt_domain_expertise_5) - ln(p.actions_per_prompt_domain_expertise_1)))
        FROM '{folder}/potential_outcomes.{ending}' p JOIN '{folder}/truth.{ending}' t USING (session_id) WHERE t.goal
    """).fetchall()[0]
    expected = [sample_value(folder, name, "5 vs 1") for name in ("verified_difference", "activity_ratio")]
    assert found == pytest.approx(expected, rel=1e-9)


def test_polars_reads_the_same_from_every_format(folder):
    for table in TABLES:
        parquet = pl.read_parquet(folder / f"{table}.parquet")
        arrow = pl.read_ipc(folder / f"{table}.arrow")
        assert parquet.equals(arrow)
        text = pl.read_csv(folder / f"{table}.csv", infer_schema_length=None)
        assert text.columns == parquet.columns
        numbers = [name for name, kind in parquet.schema.items() if kind.is_numeric() or kind == pl.Boolean]
        same = text.select(pl.col(numbers).cast(pl.Float64)).equals(parquet.select(pl.col(numbers).cast(pl.Float64)))
        assert same


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of rdflib, which it reads JSON-LD with
def test_croissant_is_valid_and_leads_to_the_rows(folder):
    dataset = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    issues = dataset.metadata.ctx.issues
    assert not issues.errors
    assert not issues.warnings
    for table in TABLES:
        records = list(dataset.records(table))
        frame = pd.read_parquet(folder / f"{table}.parquet")
        assert len(records) == len(frame)
        assert {key.split("/")[1] for key in records[0]} == set(frame)
    prompts = [record["observed/prompts"] for record in dataset.records("observed")]
    assert prompts == pd.read_parquet(folder / "observed.parquet")["prompts"].tolist()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_croissant_refuses_another_file(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    meta = json.loads((copy / "croissant.json").read_text())
    meta["recordSet"][0]["field"][0]["source"]["fileObject"]["@id"] = "elsewhere.parquet"
    (copy / "croissant.json").write_text(json.dumps(meta))
    with pytest.raises(mlcroissant.ValidationError):
        mlcroissant.Dataset(jsonld=str(copy / "croissant.json"))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A data package is validated cell by cell, which takes its time."""
    path = tmp_path_factory.mktemp("data") / "small"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundles, "TRUTH_SESSIONS", 2000)
        bundles.write_dataset("null", 12, seed=3, out=path, kinds=("parquet", "csv"))
    return path


def complaints(folder) -> list[str]:
    from frictionless import validate

    return [kind for (kind,) in validate(str(folder / "datapackage.json")).flatten(["type"])]


@pytest.mark.slow
def test_the_data_package_is_valid(small):
    assert complaints(small) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda text: text.replace("2026-0", "2036-0", 1), "constraint-error"),
        (lambda text: text.rsplit("\n", 2)[0] + "\n", "foreign-key"),
        (lambda text: text.replace("session_id", "sesion_id", 1), "incorrect-label"),
    ],
)
def test_a_changed_file_is_found_out(small, tmp_path, change, complaint):
    copy = shutil.copytree(small, tmp_path / "copy")
    before = (copy / "observed.csv").read_text()
    (copy / "observed.csv").write_text(change(before))
    found = complaints(copy)
    assert {"hash-count", complaint} <= set(found)


R_SCRIPT = """
options(warn = 2)
rows <- read.csv("observed.csv")
potential <- read.csv("potential_outcomes.csv")
truth <- read.csv("truth.csv")
stopifnot(is.logical(rows$verified_success), is.integer(rows$prompts), is.logical(truth$goal))
stopifnot(is.integer(rows$rated_expertise), identical(truth$session_id, potential$session_id))
inside <- potential[truth$goal, ]
cat(sprintf("%.12f\\n", mean(inside$true_success_domain_expertise_5 - inside$true_success_domain_expertise_1)))
cat(sprintf("%.12f\\n", coef(lm(log(actions_per_prompt) ~ rated_expertise, rows))[2]))
"""


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed: apt-get install r-base-core")
def test_r_reads_the_text_files(folder):
    done = subprocess.run(["Rscript", "-e", R_SCRIPT], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    effect, slope = map(float, done.stdout.split())
    assert effect == pytest.approx(sample_value(folder, "success_difference", "5 vs 1"))
    rows = pd.read_parquet(folder / "observed.parquet").dropna(subset="rated_expertise")
    assert slope == pytest.approx(np.polyfit(rows["rated_expertise"], np.log(rows["actions_per_prompt"]), 1)[0])


def has_dagitty() -> bool:
    if shutil.which("Rscript") is None:
        return False
    asked = ["Rscript", "-e", "quit(status = !requireNamespace('dagitty', quietly = TRUE))"]
    return subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not has_dagitty(), reason="R's package dagitty is not installed, and Debian does not have it")
def test_dagitty_reads_the_graph(folder):
    asked = "g <- dagitty::dagitty(paste(readLines('graph_main.dagitty.txt'), collapse = '\n'));"
    done = subprocess.run(["Rscript", "-e", asked + "cat(dagitty::isAcyclic(g))"], cwd=folder, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.stdout == "TRUE", done.stderr


def read_graph(path) -> nx.DiGraph:
    """Return a graph as networkx reads it, from a format by its ending."""
    if path.suffix == ".json":
        return nx.node_link_graph(json.loads(path.read_text()), edges="edges")
    return nx.read_gml(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["graph", "graph_main"])
@pytest.mark.filterwarnings("ignore")
def test_every_graph_file_holds_the_same_arrows(folder, name):
    from pgmpy.base import DAG

    arrows = set(read_graph(folder / f"{name}.json").edges)
    assert ("ability", "coding_expertise") in nx.transitive_closure(nx.DiGraph(arrows)).edges
    assert set(read_graph(folder / f"{name}.gml").edges) == arrows
    if name == "graph_main":  # pgmpy forgets latent variables without arrows and then misses them
        assert set(DAG.from_dagitty((folder / f"{name}.dagitty.txt").read_text()).edges()) == arrows
    text = (folder / f"{name}.dot").read_text()
    assert {tuple(line.strip(' ;"').split('" -> "')) for line in text.splitlines() if "->" in line} == arrows


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_pgmpy_finds_what_must_be_held(folder):
    """Its adjustment set closes every back door by the criterion as networkx has it, and needs hidden ability."""
    from pgmpy.base import DAG
    from pgmpy.inference import CausalInference

    graph = read_graph(folder / "graph_main.gml")
    ask = CausalInference(DAG(list(graph.edges)))
    held = set(next(iter(ask.get_all_backdoor_adjustment_sets("domain_expertise", "true_success"))))
    cut = graph.copy()
    cut.remove_edges_from(list(graph.out_edges("domain_expertise")))
    assert nx.is_d_separator(cut, {"domain_expertise"}, {"true_success"}, held)
    assert not nx.is_d_separator(cut, {"domain_expertise"}, {"true_success"}, set())
    seen = {node for node, about in graph.nodes(data=True) if about["observed"]}
    allowed = seen - nx.descendants(graph, "domain_expertise")
    assert not nx.is_d_separator(cut, {"domain_expertise"}, {"true_success"}, allowed)


HIGH, LOW = 4, 3


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Sessions of a confounded world at two levels, the true cause of the level, and the true effect among them."""
    from knowntruth.world.definition.world import load
    from knowntruth.world.running.sampling import sample
    from knowntruth.world.simulate import dataset
    from knowntruth.world.truths.potential_outcomes import potential_outcome_table

    world = load("confounded")
    frame = sample(world, 4000, seed=3)
    truth, potential = dataset(world, frame).truth.to_pandas(), potential_outcome_table(world, frame).to_pandas()
    rows = truth.merge(potential, on="session_id")
    rows = rows[rows["domain_expertise"].isin([HIGH, LOW])]
    up, down = (rows[f"true_success_domain_expertise_{k}"].astype(float) for k in (HIGH, LOW))
    data = pd.DataFrame({
        "outcome": rows["true_success"].astype(float), "treated": (rows["domain_expertise"] == HIGH).astype(int),
        "expected": rows["domain_expected"], "squared": rows["domain_expected"] ** 2,
    })  # fmt: skip
    return data.reset_index(drop=True), float((up - down).mean())


def test_a_plain_comparison_misses(pair):
    """Negative control: who are experts would have fared better anyway."""
    data, true = pair
    mean, var, n = (data.groupby("treated")["outcome"].agg(f) for f in ("mean", "var", "count"))
    assert mean[1] - mean[0] - true > 4 * np.sqrt((var / n).sum())


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_econml_finds_the_effect_once_the_cause_is_held(pair):
    from econml.dr import LinearDRLearner
    from sklearn.linear_model import LinearRegression, LogisticRegression

    data, true = pair
    learner = LinearDRLearner(model_propensity=LogisticRegression(), model_regression=LinearRegression(), cv=3,
                              random_state=1)  # fmt: skip
    learner.fit(data["outcome"], data["treated"], X=None, W=data[["expected", "squared"]])
    found = learner.ate_inference()
    assert abs(found.mean_point - true) < 4 * found.stderr_mean


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_doubleml_finds_the_effect_once_the_cause_is_held(pair):
    import doubleml
    from sklearn.linear_model import LinearRegression, LogisticRegression

    data, true = pair
    np.random.seed(1)  # noqa: NPY002 - DoubleML draws its folds from the global generator
    asked = doubleml.DoubleMLData(data, y_col="outcome", d_cols="treated", x_cols=["expected", "squared"])
    model = doubleml.DoubleMLIRM(asked, ml_g=LinearRegression(), ml_m=LogisticRegression(), n_folds=3)
    model.fit()
    assert abs(float(model.coef[0]) - true) < 4 * float(model.se[0])
