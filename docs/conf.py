"""How Sphinx builds the documentation site: `uv run --group docs sphinx-build -W docs docs/_build/html`.

The site shows the pages of this folder, and the README files and notebooks of the others. Those are copied into
`docs/_repository` before each build, and links between them are rewritten to where the pages stand in the site.
"""

import importlib.metadata
import os.path
import re
import shutil
from pathlib import Path

from sphinx.application import Sphinx

import knowntruth.api

DOCS = Path(__file__).parent
ROOT = DOCS.parent
COPIES = "_repository"
COPIED = [
    *(f"{folder}/README.md" for folder in ("models", "priors", "simulations", "notebooks", "tests")),
    *("CONTRIBUTING.md", "CHANGELOG.md", "README.md"),
    *(f"notebooks/{path.name}" for path in sorted((ROOT / "notebooks").glob("*.ipynb"))),
]
API_PAGE = """# Every name of `knowntruth.api`

Each page has the signature, the arguments, the errors and an example.

```{eval-rst}
.. currentmodule:: knowntruth.api

.. autosummary::
   :toctree: _generated
   :nosignatures:

   NAMES
```
"""
LINK = re.compile(r"(\]\()([^)\s#:]+)((?:#[^)\s]*)?\))")

project = "knowntruth"
author = "The knowntruth developers"
copyright = "2026, the knowntruth developers"
release = importlib.metadata.version("knowntruth")

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "README.md", f"{COPIES}/README.md"]
root_doc = "index"

nb_execution_mode = "off"  # notebooks are shown as they are stored; the tests run them
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]  # no live panel on a page
myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = f"knowntruth {release}"


def copy_pages() -> None:
    """Copy the pages that stand outside this folder, and the pictures they show."""
    shutil.rmtree(DOCS / COPIES, ignore_errors=True)
    for name in (path for path in COPIED if (ROOT / path).exists()):
        target = DOCS / COPIES / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    (DOCS / COPIES / "api.md").write_text(API_PAGE.replace("NAMES", "\n   ".join(knowntruth.api.__all__)))


def home_of(page: str) -> str:
    """Return the path in the repository of a page of the site: `index` shows the repository's README."""
    if page == "index":
        return "README.md"
    inside = f"{COPIES}/"
    return page.removeprefix(inside) if page.startswith(inside) else f"docs/{page}"


def place_of(path: str) -> str:
    """Return where the site shows a file of the repository, relative to this folder."""
    path = f"{path}/README.md" if (ROOT / path).is_dir() and (ROOT / path / "README.md").exists() else path
    if path in ("README.md", "docs/README.md"):
        return "index.md"
    if path in COPIED:
        return f"{COPIES}/{path}"
    return path.removeprefix("docs/") if path.startswith("docs/") else f"../{path}"


def move_links(text: str, page: str) -> str:
    """Return the page's text with its links to files of the repository pointing to their places in the site."""

    def moved(link: re.Match[str]) -> str:
        path = os.path.normpath(os.path.join(os.path.dirname(home_of(page)), link[2]))
        if not (ROOT / path).exists():
            return link[0]
        return link[1] + os.path.relpath(place_of(path), os.path.dirname(page) or ".") + link[3]

    return LINK.sub(moved, text)


def prepare(app: Sphinx, page: str, source: list[str]) -> None:
    """Complete a page before it is parsed: the first page begins with the README."""
    if page == "index":
        source[0] = (ROOT / "README.md").read_text() + source[0]
    source[0] = move_links(source[0], page)


def setup(app: Sphinx) -> None:
    """Register what this build adds to Sphinx."""
    copy_pages()
    app.connect("source-read", prepare)
