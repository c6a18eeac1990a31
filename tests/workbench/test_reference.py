"""docs/reference.md: every name on it exists and is shown at work, and no page or notebook imports another."""

import ast
import inspect
import json
import re
from doctest import DocTestFinder
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference.md"
NAMES = re.findall(r"^\| `(knowntruth\.[\w.]+)` \|", PAGE.read_text(), flags=re.MULTILINE)
CODE = {page.name: "\n".join(re.findall(r"^```python\n(.*?)^```", page.read_text(), flags=re.MULTILINE | re.DOTALL))
        for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))} | {
    book.name: "\n".join("".join(cell["source"]) for cell in json.loads(book.read_text())["cells"]
                         if cell["cell_type"] == "code")
    for book in sorted((ROOT / "notebooks").glob("*.ipynb"))
}  # fmt: skip
"""The Python of every page and notebook."""


def found(name: str) -> object:
    module, _, last = name.rpartition(".")
    above = import_module(module)
    return getattr(above, last) if hasattr(above, last) else import_module(name)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_named_exists_and_has_an_example_that_runs(name):
    """Functions and classes are shown at work, in a file whose examples pytest collects; tables are just there."""
    thing = found(name)
    if not (inspect.isfunction(thing) or inspect.isclass(thing)):
        return
    module = inspect.getmodule(inspect.unwrap(thing))
    assert f"{module.__name__}.{thing.__name__}" in shown(module), f"{name} has no example"
    assert "+SKIP" not in inspect.getdoc(thing)


@cache
def shown(module: ModuleType) -> set[str]:
    """Return the names whose examples are run."""
    return {each.name for each in DocTestFinder().find(module) if each.examples}


def test_each_stands_once():
    assert len(NAMES) == len(set(NAMES)) > 80


@pytest.mark.parametrize("page", CODE)
def test_whatever_pages_and_notebooks_import_is_on_it(page):
    assert [name for name in sorted(imported(CODE[page])) if name not in NAMES] == []


def imported(text: str) -> set[str]:
    """Return the names of knowntruth that a text uses; of a module those that it takes from it."""
    tree = ast.parse(text)
    named = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("knowntruth")
        for alias in node.names
    }
    modules = {short: name for short, name in named.items() if inspect.ismodule(found(name))}
    taken = {
        f"{modules[node.value.id]}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules
    }
    return (set(named.values()) - set(modules.values())) | taken


def test_what_is_imported_is_read_from_the_code():
    text = "from knowntruth.study import tables\nfrom knowntruth.world.definition.world import load as get\ntables.nothing"
    assert imported(text) == {"knowntruth.study.tables.registry.nothing", "knowntruth.world.definition.world.load"}
