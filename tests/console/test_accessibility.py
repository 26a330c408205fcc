"""Every page of the console for everybody: contrast, names, structure and width, as axe-core and a phone see it."""

import re
from urllib.parse import urlsplit

import pytest

from connector.console.app import create_app
from tests.console.browser import copied, served
from tests.console.tour import operators_tour, viewer_joined, viewers_tour
from tests.servers.chromium import DESK, LOOKS, PHONE, complaints

pytestmark = pytest.mark.browser

NO_PAGE = {"download", "export", "example", "state", "static_file", "probed"}
"""What is asked for as a file or by a script."""
ALONE = ("/sign-in", "/join", "/progress")
"""What somebody signed in does not meet, or meets just like an operator."""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((DESK, "light"), (PHONE, "dark")),
        pytest.param((PHONE, "light"), (DESK, "dark"), marks=pytest.mark.long),
    ],
    ids=["from-a-desk", "from-a-phone"],
)
def test_everybody_can_use_every_page(browser, demo, tmp_path, first, second):
    """No page in any state breaks a rule of WCAG A or AA or is wider than the screen, for operators and viewers."""
    with served(copied(demo, tmp_path / "school")) as console:
        page, viewer = (_window(browser, *first) for _who in range(2))
        wrong, addresses = [], {}
        for name in operators_tour(page, console):
            wrong += _faults(page, f"operator at {name}", first, second)
            address = page.url.removeprefix(console.address)
            addresses.setdefault(re.sub(r"\d+$|(?<=preview/).*", "", urlsplit(address).path), address)
            if name == "/audit":
                viewer_joined(page, console, viewer)
        seen = [address for path, address in addresses.items() if not path.startswith(ALONE)]
        for name in viewers_tour(viewer, console, seen):
            wrong += _faults(viewer, f"viewer at {name}", first, second)
        for one in (page, viewer):
            one.context.close()
        assert wrong == []
        assert _unseen(console, addresses.values()) == set()


def _window(browser, size, scheme):
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,
        reduced_motion="reduce",
        bypass_csp=True,  # axe is not the page's own
    )
    context.set_default_timeout(15_000)
    return context.new_page()


def _faults(page, where, first, second):
    """What is wrong with the page; it is left as it was."""
    faults = [*complaints(page), *_too_wide(page, first[0])]
    _turn(page, second)
    faults += [*complaints(page, LOOKS), *_too_wide(page, second[0])]
    _turn(page, first)
    return [f"{where}: {one}" for one in faults]


def _turn(page, look):
    (width, height), scheme = look
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)


def _too_wide(page, size):
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"{width} pixels wide on {size[0]}"] if width > size[0] else []


def _unseen(console, addresses):
    """The pages there are that none of these addresses leads to."""
    app = create_app(console.folder / "connector.toml", {})
    adapter = app.url_map.bind("127.0.0.1")
    paths = [urlsplit(address).path for address in addresses]
    seen = {adapter.match(path)[0] for path in paths if adapter.test(path)}
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    return {one for one in pages - seen if one.rpartition(".")[2] not in NO_PAGE} - {"pages.index"}
