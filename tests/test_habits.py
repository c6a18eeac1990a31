"""What the files about the project name exists: commands, steps, versions, paths."""

import importlib.metadata
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN = (ROOT / ".ci" / "run").read_text()
STEPS = re.findall(r'^STEPS="(.+)"$', RUN, flags=re.MULTILINE)[0].split()
PAGES = ("CONTRIBUTING.md", "CHANGELOG.md", "tests/README.md")


def test_ci_has_every_step_it_names_and_the_tests_come_last():
    assert set(STEPS) <= set(re.findall(r"^([a-z]+)\(\)", RUN, flags=re.MULTILINE))
    assert STEPS[-1] == "tests"


def test_ci_refuses_a_step_that_there_is_not():
    done = subprocess.run([ROOT / ".ci" / "run", "nonsense"], check=False, capture_output=True, text=True)
    assert done.returncode == 2 and "no step nonsense" in done.stderr


def test_the_smoke_tests_exist():
    paths = re.findall(r'^SMOKE="(.+)"$', RUN, flags=re.MULTILINE)[0].split()
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_workflow_runs_ci_on_every_python_that_is_declared():
    (job,) = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"].values()
    declared = [c.rpartition(" ")[2] for c in PROJECT["project"]["classifiers"] if re.search(r":: 3\.\d+$", c)]
    assert job["strategy"]["matrix"]["python"] == declared
    assert job["steps"][-1]["run"] in (".ci/run",)


def test_hooks_call_tools_that_are_installed():
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    for hook in local["hooks"]:
        assert shutil.which(hook["entry"].split()[3]), hook["id"]


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_exists(page):
    text = (ROOT / page).read_text()
    folder = (ROOT / page).parent
    assert [t for t in re.findall(r"\]\(([^)#:]+)\)", text) if not (folder / t).exists()] == []
    commands = re.findall(r"`(uv run [^`]+|\.ci/run [^`]+)`", text)
    assert [c for c in commands if c.startswith(".ci/run") and c.split()[1] not in (*STEPS, "coverage")] == []
    paths = [word for c in commands for word in c.split() if "/" in word and not word.startswith((".ci", "docs/_"))]
    assert [path for path in paths if not (ROOT / path.split("::")[0]).exists()] == []


def test_the_changelog_begins_with_this_version():
    versions = re.findall(
        r"^## \[(\d[\d.]+)\] - (\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE
    )
    assert versions[0][0] == PROJECT["project"]["version"] == importlib.metadata.version("knowntruth")
    assert f"date-released: {versions[0][1]}\n" in (ROOT / "CITATION.cff").read_text()


def test_the_changelog_names_strategies_and_models_that_exist():
    from knowntruth.bayes.models.registry import MODELS
    from knowntruth.strategies.registry import STRATEGIES

    text = (ROOT / "CHANGELOG.md").read_text()
    renamed = dict(re.findall(r"^ *\| `(\w+)` \| `(\w+)` \|$", text, flags=re.MULTILINE))
    assert set(renamed.values()) <= set(STRATEGIES) and not set(renamed) & set(STRATEGIES)
    assert "`bias` is `hidden_confounder`" in text and "hidden_confounder" in MODELS
