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

# The contrast of every text with what is behind it, by WCAG 2; for pages without backgrounds but the browser's own.
CONTRASTS = """() => {
    const luminance = colour => {
        const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        const [r, g, b] = colour.match(/[0-9.]+/g).map(c => linear(c / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const probe = document.createElement('div');
    probe.style.color = 'Canvas';
    document.body.append(probe);
    const behind = luminance(getComputedStyle(probe).color);
    probe.remove();
    return [...document.querySelectorAll('h1, p, a, th, td, .state')].map(element => {
        const front = luminance(getComputedStyle(element).color);
        const [high, low] = front > behind ? [front, behind] : [behind, front];
        return [element.textContent, (high + 0.05) / (low + 0.05)];
    });
}"""

# Words that stand on more than one line. A long one may: it is somebody's id or address.
BROKEN_WORDS = """() => {
    const broken = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        for (const word of walker.currentNode.data.matchAll(/[^\\s-]+/g)) {
            const range = document.createRange();
            range.setStart(walker.currentNode, word.index);
            range.setEnd(walker.currentNode, word.index + word[0].length);
            const lines = new Set([...range.getClientRects()].map(at => at.top));
            if (lines.size > 1 && word[0].length < 20) broken.push(word[0]);
        }
    }
    return broken;
}"""


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
