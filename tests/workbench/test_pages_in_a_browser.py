"""The pages in a real browser: nothing spills over at any width, text can be read, and the console stays silent."""

import pytest
from selenium.webdriver.common.by import By

from knowntruth.workbench.plots import gallery
from knowntruth.workbench.report import cell_pages, diagnosis_map
from knowntruth.workbench.report.report import page


@pytest.fixture(scope="module")
def report(results, drawn, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page(results, drawn), encoding="utf-8")
    return path


IMAGES = {"report": len(gallery.SKETCHES), "map": 0, "cell": 0}
"""How many pictures each page has beside what it draws itself."""


@pytest.fixture(scope="module", params=list(IMAGES))
def opened(browser, report, surviving, request):
    pages = {
        "report": report,
        "map": surviving / diagnosis_map.REPORT,
        "cell": surviving / cell_pages.file_name("null", "naive"),
    }
    browser.get_log("browser")
    browser.get(pages[request.param].as_uri())
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def at_width(driver, width: int) -> None:
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": True}
    )


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_nothing_spills_over(opened, width):
    at_width(opened, width)
    opened.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert opened.execute_script("return document.documentElement.clientWidth") == width
    assert opened.execute_script("return document.documentElement.scrollWidth") <= width


def test_wide_tables_scroll_in_their_own_box_and_can_be_reached_by_keyboard(opened):
    at_width(opened, 360)
    boxes = opened.find_elements(By.CSS_SELECTOR, ".scroll")
    assert boxes
    assert all(box.get_attribute("tabindex") == "0" and box.get_attribute("aria-label") for box in boxes)


def test_text_is_large_enough_to_read_on_a_phone(opened):
    at_width(opened, 360)
    sizes = opened.execute_script(
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


def test_text_stands_out_from_its_ground(opened):
    assert opened.execute_script(CONTRAST) >= 4.5  # WCAG 2.2 AA for text of any size


def test_pictures_are_shown_and_told(opened, request):
    pictures = opened.find_elements(By.CSS_SELECTOR, "img, svg[role=img]")
    assert all(picture.get_attribute("alt") or picture.get_attribute("aria-label") for picture in pictures)
    assert all(picture.size["width"] > 100 for picture in pictures)
    images = [picture for picture in pictures if picture.tag_name == "img"]
    assert all(image.get_property("naturalWidth") > 0 for image in images)
    assert len(images) == IMAGES[request.node.callspec.params["opened"]]


def test_the_console_is_silent(opened):
    assert opened.get_log("browser") == []
