"""The panel as a page of its own: Voilà serves it, a dial moves the numbers, and pictures have words."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PATIENCE = 90


@pytest.fixture(scope="module")
def page(browser, serving, tmp_path_factory):
    with serving(["lab", "--panel", "--world", "null"], tmp_path_factory.mktemp("voila")) as address:
        browser.get(address)
        WebDriverWait(browser, PATIENCE).until(lambda d: d.find_elements(By.CSS_SELECTOR, ".kt-halo .noUi-handle"))
        yield browser


def numbers(driver) -> list[str]:
    return driver.execute_script(
        "return [...document.querySelectorAll('[data-number=seen]')].map(e => e.textContent)"
    )


def texts(driver, selector: str) -> str:
    script = "return [...document.querySelectorAll(arguments[0])].map(e => e.textContent).join(' ')"
    return driver.execute_script(script, selector)


def test_moving_a_dial_moves_the_numbers_and_the_rest_follows(page):
    before, slow = numbers(page), texts(page, ".kt-board .scroll")
    assert len(before) == 4
    handle = page.find_element(By.CSS_SELECTOR, ".kt-halo .noUi-handle")
    for _ in range(6):
        handle.send_keys(Keys.ARROW_RIGHT)
    WebDriverWait(page, PATIENCE).until(lambda d: numbers(d) != before)
    WebDriverWait(page, PATIENCE).until(lambda d: texts(d, ".kt-board .scroll") != slow)
    assert "halo" in texts(page, ".kt-code")


def test_pictures_have_words_and_nothing_went_wrong(page):
    words = page.execute_script(
        "return [...document.querySelectorAll('.kt svg')].map(e => e.getAttribute('aria-label') || '')"
    )
    assert len(words) == 9  # the key, four strips, two figures, two ledgers
    assert min(map(len, words)) > 40
    assert "Error" not in texts(page, "body")
    assert not page.find_elements(By.CSS_SELECTOR, "[role=alert]")


@pytest.mark.parametrize("width", [360, 1280])
def test_no_picture_spills_over(page, width):
    page.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    )
    edges = page.execute_script(
        "return [...document.querySelectorAll('.kt svg')].map(e => e.getBoundingClientRect())"
        ".map(r => [r.left, r.right])"
    )
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert all(left >= 0 and right <= width for left, right in edges)
