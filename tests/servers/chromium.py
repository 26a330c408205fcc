"""A real browser, and what axe-core finds on its pages."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.servers.binaries import found, refuse

AXE = Path(__file__).parents[1] / "data" / "axe" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
LOOKS = ("wcag2aa", "wcag21aa", "wcag22aa")
"""The rules that depend on colours and sizes."""
Scheme = Literal["light", "dark"]
DESK, PHONE = (1280, 900), (390, 844)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium without a window."""
    path = found("chromium") or found("chromium-browser")
    if path is None:
        refuse("not installed: chromium (tests/provision.sh installs it)")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, url: str, size: tuple[int, int] = DESK, scheme: Scheme = "light") -> Iterator[Page]:
    """The page at that size and in that scheme; whatever it complains of while it is open fails the test."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        bypass_csp=True,  # axe is not the page's own
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        page.goto(url)
        yield page
        assert said == []
    finally:
        context.close()


def complaints(page: Page, rules: Sequence[str] = RULES, *, less: Sequence[str] = ()) -> list[str]:
    """What axe-core finds against WCAG A and AA, and good practice: rule, and the first element.

    `less` are selectors of what it leaves out: rows like those before them.
    """
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_axe())
    options = {"runOnly": [*rules], "resultTypes": ["violations"]}
    where = {"exclude": [[one] for one in less]} if less else None
    result: dict[str, Any] = page.evaluate(
        "([where, options]) => axe.run(where ?? document, options)", [where, options]
    )
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in result["violations"]]


@cache
def _axe() -> str:
    return AXE.read_text("utf-8")
