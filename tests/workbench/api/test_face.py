"""The face: what `knowntruth.api` shows, and that pages, notebooks and examples import nothing else."""

import ast
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import knowntruth.api as kt

ROOT = Path(__file__).parents[3]
PAGES = {page.name: "\n".join(re.findall(r"^```python\n(.*?)^```", page.read_text(), flags=re.MULTILINE | re.DOTALL))
         for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))}  # fmt: skip
BOOKS = {book.name: "\n".join("".join(cell["source"]) for cell in json.loads(book.read_text())["cells"]
                              if cell["cell_type"] == "code")
         for book in sorted((ROOT / "notebooks").glob("*.ipynb"))}  # fmt: skip
HEAVY = ("numpy", "pandas", "pyarrow", "networkx", "pydantic", "scipy", "matplotlib", "pymc", "dowhy")


def imported(text: str) -> set[str]:
    """Return the modules of knowntruth that a text imports."""
    nodes = list(ast.walk(ast.parse(text)))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name for name in names if name.split(".")[0] == "knowntruth"}


@pytest.mark.parametrize("name", [*PAGES, *BOOKS])
def test_pages_and_notebooks_import_nothing_but_the_face(name):
    assert imported({**PAGES, **BOOKS}[name]) <= {"knowntruth.api"}


def test_what_a_text_imports_is_read_from_its_code():
    text = "from knowntruth.world import simulate\nimport knowntruth.api as kt\nimport numpy"
    assert imported(text) == {"knowntruth.world", "knowntruth.api"}


@pytest.mark.parametrize("name", [*PAGES, *BOOKS])
def test_what_they_use_of_it_is_there(name):
    tree = ast.parse({**PAGES, **BOOKS}[name])
    used = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and getattr(n.value, "id", "") == "kt"}
    assert used <= set(kt.__all__)


def test_the_names_stand_in_one_table_and_type_checkers_see_the_same():
    text = (ROOT / "models" / "knowntruth" / "api.py").read_text()
    typed = {
        alias.asname or alias.name
        for node in ast.parse(text).body
        if isinstance(node, ast.If)
        for line in node.body
        if isinstance(line, ast.ImportFrom)
        for alias in line.names
    }
    assert typed == set(kt.__all__) == set(kt._HOMES) == set(dir(kt))
    assert len(kt.__all__) <= 45, "the face is to be taken in at one look"


@pytest.mark.parametrize("name", kt.__all__)
def test_every_name_is_there_and_says_what_it_does(name):
    thing = getattr(kt, name)
    assert inspect.getdoc(thing)
    if inspect.isfunction(thing):
        assert ">>> " in inspect.getdoc(thing), f"{name} has no example"
        assert inspect.signature(thing).return_annotation is not inspect.Signature.empty


def test_a_misspelt_name_gets_the_nearest():
    with pytest.raises(AttributeError, match="did you mean 'simulate'"):
        kt.simulat  # noqa: B018


def test_importing_it_loads_nothing_heavy():
    program = f"import knowntruth.api, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


RESULTS = {
    "World": lambda: kt.load_world("published"),
    "Dataset": lambda: kt.simulate("null", 300),
    "Truth": lambda: kt.truth("null", 300),
    "Estimate": lambda: kt.estimate(kt.simulate("randomized", 2000), "naive", "verified_difference"),
    "Identified": lambda: kt.identify("dag { u [latent]  u -> {x y}  x -> m -> y }", "x", "y"),
    "Diagnosis": lambda: kt.diagnose("null", "naive", 2, 300, estimands="verified_difference", truth_sessions=300,
                                     workers=1),
    "Ledger": lambda: kt.ledger("null", 1000),
    "Scorecard": kt.scorecard,
    "WorldBounds": kt.bounds,
    "Release": lambda: kt.release(kt.simulate("null", 2000), "mode"),
}  # fmt: skip


@pytest.mark.parametrize("kind", RESULTS)
def test_a_result_shows_itself_in_a_few_lines_and_as_html(kind):
    result: Any = RESULTS[kind]()
    assert repr(result).startswith(kind)
    assert len(repr(result).splitlines()) <= 12 and len(repr(result)) < 2000
    assert "<b>" in result._repr_html_()
    if kind != "World":
        assert isinstance(result.to_frame(), pd.DataFrame) and len(result.to_frame())


def test_pictures_are_pictures():
    shown = kt.truth("null", 300).plot()
    bundle, about = shown._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG") and about["image/png"]["alt"] == shown.alt
    assert "level 5" in shown.alt


def test_a_name_a_path_and_a_world_are_the_same(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('based_on = "null"')
    same = [kt.simulate(each, 200).observed for each in ("null", kt.load_world("null"), file, str(file))]
    assert all(one.equals(same[0]) for one in same)


def test_what_cannot_be_a_world_or_rows_is_refused_in_words():
    with pytest.raises(kt.InputError, match="expected a world"):
        kt.simulate(3, 100)
    with pytest.raises(kt.InputError, match="expected sessions"):
        kt.estimate_all(3)
    with pytest.raises(kt.InputError, match=r"no estimand 'activty_ratio'.*did you mean 'activity_ratio'"):
        kt.truth("null", 300).value("activty_ratio")
    with pytest.raises(kt.InputError, match="without a causal graph"):
        kt.check(pd.DataFrame({"session_id": [1]}))


def test_the_bow_has_two_worlds_that_look_the_same():
    two = kt.identify("dag { u [latent]  u -> {x y}  x -> y }", "x", "y").counterexample()
    seen = [name for name in two if "do(" not in name and name != "world"]
    assert two[seen].nunique().eq(1).all()
    assert two["P(y=1|do(x=1))"].nunique() == 2
    assert kt.identify("dag { z -> {x y}  x -> y }", "x", "y").counterexample() is None
