"""The report in a real browser: nothing spills over at any width, and the console stays silent."""

import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from knowntruth.workbench.plots import gallery
from knowntruth.workbench.report import page

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver")


@pytest.fixture(scope="module")
def browser(results, drawn, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page(results, drawn), encoding="utf-8")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                     "--disable-component-update", "--disable-sync", "--hide-scrollbars"):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    driver.get(path.as_uri())
    yield driver
    driver.quit()


def at_width(driver, width: int) -> None:
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": True}
    )


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_nothing_spills_over(browser, width):
    at_width(browser, width)
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert browser.execute_script("return document.documentElement.clientWidth") == width
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_wide_tables_scroll_in_their_own_box_and_can_be_reached_by_keyboard(browser):
    at_width(browser, 360)
    boxes = browser.find_elements(By.CSS_SELECTOR, ".scroll")
    assert any(box.get_property("scrollWidth") > box.get_property("clientWidth") for box in boxes)
    assert all(box.get_attribute("tabindex") == "0" and box.get_attribute("aria-label") for box in boxes)


def test_text_is_large_enough_to_read_on_a_phone(browser):
    at_width(browser, 360)
    sizes = browser.execute_script(
        "return [...document.querySelectorAll('p, li, td, th, dd, dt, figcaption, small')]"
        ".map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(sizes) >= 12


CONTRAST = """
const channel = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const numbers = text => text.match(/[\\d.]+/g).map(Number);
const ground = e => {
  for (; e; e = e.parentElement) {
    const c = numbers(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c;
  }
  return [255, 255, 255];
};
const told = [...document.querySelectorAll('body *')].filter(e => e.innerText && e.children.length === 0);
return Math.min(...told.map(e => {
  const a = light(numbers(getComputedStyle(e).color)), b = light(ground(e));
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}));
"""


def test_text_stands_out_from_its_ground(browser):
    assert browser.execute_script(CONTRAST) >= 4.5  # WCAG 2.2 AA for text of any size


def test_pictures_are_shown(browser):
    widths = [image.get_property("naturalWidth") for image in browser.find_elements(By.TAG_NAME, "img")]
    assert len(widths) == len(gallery.SKETCHES)
    assert min(widths) > 0


def test_the_console_is_silent(browser):
    assert browser.get_log("browser") == []
