"""JupyterLab in a real browser: it opens every notebook, runs the one with the panel, and a dial moves a number."""

import json
import shutil
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
PANEL, LIVE = "07_sensitivity.ipynb", "live.ipynb"
PATIENCE = 90

HEADING = "return [...document.querySelectorAll('.jp-Notebook h1')].map(e => e.textContent)"
ERRORS = ".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr'], .jp-OutputArea-output.jp-mod-error"


@pytest.fixture(scope="module")
def lab(browser, serving, tmp_path_factory):
    """Serve copies of the notebooks, and one that has no outputs and ends with the panel."""
    folder = tmp_path_factory.mktemp("lab")
    for path in NOTEBOOKS:
        shutil.copy(path, folder)
    book = json.loads((folder / PANEL).read_text())
    last = next(k for k, cell in enumerate(book["cells"]) if "panel(" in "".join(cell["source"]))
    book["cells"] = book["cells"][: last + 1]
    book["cells"][last]["outputs"] = []
    book["metadata"].pop("widgets")
    (folder / LIVE).write_text(json.dumps(book))
    with serving(["lab", "--notebooks", str(folder)], folder) as address:
        yield address


def opened(driver, lab: str, name: str) -> str:
    """Open a notebook in JupyterLab's simple layout and return its first heading."""
    driver.get(f"{lab}doc/tree/{name}?reset")
    WebDriverWait(driver, PATIENCE).until(lambda d: d.execute_script(HEADING))
    return driver.execute_script(HEADING)[0]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_opens_without_an_error_in_it(browser, lab, path):
    book = json.loads(path.read_text())
    title = "".join(book["cells"][0]["source"]).splitlines()[0].removeprefix("# ").replace("*", "")
    assert opened(browser, lab, path.name).startswith(title)
    assert not browser.find_elements(By.CSS_SELECTOR, ERRORS)
    assert not browser.find_elements(By.CSS_SELECTOR, ".jp-Dialog.jp-mod-error")


def test_the_panel_shows_its_picture_before_anything_is_run(browser, lab):
    opened(browser, lab, PANEL)
    script = "return [...document.querySelectorAll('.jp-RenderedImage img')].filter(e => e.naturalWidth > 300).length"
    WebDriverWait(browser, PATIENCE).until(lambda d: d.execute_script(script))


def test_the_panel_runs_and_a_dial_moves_the_number(browser, lab):
    opened(browser, lab, LIVE)
    browser.find_element(By.CSS_SELECTOR, "[data-command='runmenu:restart-and-run-all'], "
                                          "jp-button[data-command='notebook:restart-run-all']").click()  # fmt: skip
    accept = WebDriverWait(browser, PATIENCE).until(
        lambda d: d.find_elements(By.CSS_SELECTOR, ".jp-Dialog .jp-mod-accept")
    )
    accept[0].click()
    WebDriverWait(browser, PATIENCE).until(lambda d: d.find_elements(By.CSS_SELECTOR, ".kt-halo .noUi-handle"))
    before = seen(browser)
    assert len(before) == 4
    handle = browser.find_element(By.CSS_SELECTOR, ".kt-halo .noUi-handle")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'}); arguments[0].focus()", handle)
    for _ in range(6):
        handle.send_keys(Keys.ARROW_RIGHT)
    WebDriverWait(browser, PATIENCE).until(lambda d: seen(d) not in ([], before))
    assert not browser.find_elements(By.CSS_SELECTOR, ERRORS)


def seen(driver) -> list[str]:
    return driver.execute_script(
        "return [...document.querySelectorAll('[data-number=seen]')].map(e => e.textContent)"
    )
