"""Chromium without a window, for pages that people see."""
import contextlib
import os
import pathlib

from playwright.sync_api import Browser, Page, sync_playwright

# Nothing leaves the machine, and it runs as root in a container too.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]
# A page that has not come by now will not.
TIMEOUT_MS = 15_000


def launch(cleanup: contextlib.ExitStack) -> Browser:
    """The one that `cargo xtask test` found; by hand, Debian's. It ends with `cleanup`."""
    program = os.environ.get("COUNTERSIGN_TEST_CHROMIUM", "/usr/bin/chromium")
    playwright = cleanup.enter_context(sync_playwright())
    browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
    cleanup.callback(browser.close)
    return browser


def picture(name: str, page: Page):
    """A file in the folder that COUNTERSIGN_TEST_SCREENSHOTS names, if it does."""
    folder = os.environ.get("COUNTERSIGN_TEST_SCREENSHOTS")
    if folder:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=pathlib.Path(folder) / f"{name}.png", full_page=True)
