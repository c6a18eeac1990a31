"""Guards of the package's shape: one namespace, three roots, no heavy imports, no layer crossed."""

import importlib
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOTS = [ROOT / name for name in ("models", "priors", "simulations")]
HEAVY = ("dowhy", "pymc", "arviz", "nutpie", "matplotlib", "pyfixest", "jupyterlab")


@pytest.mark.parametrize("root", ROOTS, ids=lambda r: r.name)
def test_no_init_file_hides_the_other_roots(root):
    assert not (root / "knowntruth" / "__init__.py").exists()
    assert list((root / "knowntruth").iterdir())


@pytest.mark.parametrize("root", ROOTS, ids=lambda r: r.name)
def test_every_package_says_that_it_is_typed(root):
    for package in (root / "knowntruth").iterdir():
        assert not any(package.glob("*.py")) or (package / "py.typed").exists(), package


def test_all_three_roots_are_one_package():
    import knowntruth

    assert {Path(p).parent.name for p in knowntruth.__path__} == {r.name for r in ROOTS}


def modules() -> list[str]:
    import knowntruth

    return [m.name for m in pkgutil.walk_packages(knowntruth.__path__, "knowntruth.")]


def test_importing_everything_loads_nothing_heavy():
    """In a process of its own: dowhy takes seconds and pymc half of one, so they load when they are used."""
    program = (
        "import importlib, sys\n"
        f"for name in {modules()!r}: importlib.import_module(name)\n"
        f"print(','.join(name for name in {HEAVY!r} if name in sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == ""


def test_there_are_modules_to_import():
    found = modules()
    assert "knowntruth.world.running.run_mechanisms" in found and "knowntruth.bayes.models.activity" in found
    assert all(importlib.util.find_spec(name) for name in found)


def test_every_package_is_under_the_import_rules():
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    packages = {f"knowntruth.{init.parent.name}" for root in ROOTS for init in root.glob("knowntruth/*/__init__.py")}
    order, _, circles = rules["contracts"]
    assert set(rules["root_packages"]) == packages
    assert {name for layer in order["layers"] for name in layer.split(" | ")} == packages
    assert set(circles["ancestors"]) == packages
