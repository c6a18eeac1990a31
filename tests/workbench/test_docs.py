"""The pages in docs/: their Python runs, their commands and options exist, their links lead somewhere."""

import re
import tomllib
from pathlib import Path

import pytest
import typer

from knowntruth.datasets.schema.estimands import ESTIMANDS, RECOVERIES
from knowntruth.workbench.cli import app

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_python_runs(page, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "docs"}
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), names)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_commands_and_options_exist(page):
    known = getattr(typer.main.get_command(app), "commands", {})
    text = page.read_text()
    lines = "\n".join([*blocks(page, ""), *re.findall("`(.*?)`", text)])
    told = re.findall(r"knowntruth ([a-z]+)((?: +[^\s`|]+)*)", lines)
    for name, rest in told:
        assert name in known, name
        options = {option for parameter in known[name].params for option in parameter.opts} | {"--help"}
        assert set(re.findall(r"--[a-z-]+", rest)) <= options, (name, rest)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_toml_is_toml(page):
    for block in blocks(page, "toml"):
        assert tomllib.loads(block)


def test_the_glossary_has_every_estimand():
    text = (ROOT / "docs" / "estimands.md").read_text()
    assert [e.name for e in (*ESTIMANDS, *RECOVERIES) if f"| `{e.name}` |" not in text] == []


def test_the_citation_names_the_version_that_is_installed():
    from importlib.metadata import version

    from knowntruth.datasets.metadata.package import RELEASED

    lines = dict(re.findall(r"^([a-z-]+): (.+)$", (ROOT / "CITATION.cff").read_text(), flags=re.MULTILINE))
    assert lines["version"] == version("knowntruth")
    assert lines["date-released"] == RELEASED
