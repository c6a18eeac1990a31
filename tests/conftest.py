"""What all tests share: one thread each, and a browser without a window.

Tests run two at a time on two cores: threads within each would wait for one another more than they would work.
"""

import os
import shutil

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--window-size=1280,1100")  # fmt: skip


@pytest.fixture(scope="session")
def browser():
    """Return a driver of Chromium that keeps the console's log."""
    from selenium import webdriver

    if not (CHROMIUM and DRIVER):
        pytest.skip("needs chromium and chromedriver")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ARGUMENTS:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()
