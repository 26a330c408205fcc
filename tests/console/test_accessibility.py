"""Every page of the console, whatever people are called: as axe-core, a phone and an attacker see it."""

import re
from urllib.parse import urlsplit

import pytest

from connector.console.app import create_app
from tests.console.browser import copied, served, watched
from tests.console.hostile import faults, file_faults, poison
from tests.console.tour import operators_tour, viewer_joined, viewers_tour
from tests.servers.chromium import DESK, LOOKS, PHONE, complaints

pytestmark = pytest.mark.browser

DOWNLOAD = re.compile(r"/alignment/\w+$|/plan\.\w+$|/users/export\?.*form=\w+")
NO_PAGE = {"example", "state", "static_file", "probed"}
"""What is asked for by a script or a machine."""
MORE = ("tbody tr:nth-child(n + 13)",)
"""Rows like those before them, which axe-core would look at one by one."""
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
def test_everybody_can_use_every_page_whatever_people_are_called(browser, demo, tmp_path, first, second):
    """No page or file in any state, for operators and viewers, lets a name act or hide what it is.

    Nor does a page break a rule of WCAG A or AA, or is it wider than the screen.
    """
    school = copied(demo, tmp_path / "school")
    poison(school)
    with served(school) as console:
        page, viewer = (_window(browser, *first) for _who in range(2))
        said = [*map(_said, (page, viewer))]
        wrong, addresses, files = [], {}, {}
        for name in operators_tour(page, console):
            wrong += _faults(page, f"operator at {name}", first, second)
            address = page.url.removeprefix(console.address)
            addresses.setdefault(re.sub(r"\d+$|(?<=preview/).*", "", urlsplit(address).path), address)
            files |= _downloads(page)
            if name == "/audit":
                viewer_joined(page, console, viewer)
                wrong += _file_faults(page, files, tmp_path)
        seen = [address for path, address in addresses.items() if not path.startswith(ALONE)]
        for name in viewers_tour(viewer, console, seen):
            wrong += _faults_for_a_viewer(viewer, name, first, second)
        wrong += _file_faults(viewer, files, tmp_path)
        for one in (page, viewer):
            one.context.close()
        assert wrong == []
        assert said == [[], []]
        assert _unseen(console, [*addresses.values(), *files.values()]) == set()


def _window(browser, size, scheme):
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.set_default_timeout(15_000)
    return context.new_page()


def _said(page):
    """What the page's scripts, its policy and its server complain of, and what anybody's script says, as it comes."""
    said = watched(page, but="Failed to load resource: the server responded with a status of 4")
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("response", lambda answer: said.append(answer.url) if answer.status >= 500 else None)
    return said


def _faults(page, where, first, second):
    """What is wrong with the page at both looks; it is left as it was."""
    found = [*complaints(page, less=MORE), *_too_wide(page, first[0]), *faults(page)]
    _turn(page, second)
    found += [*complaints(page, LOOKS, less=MORE), *_too_wide(page, second[0])]
    _turn(page, first)
    return [f"{where}: {one}" for one in found]


def _faults_for_a_viewer(page, where, first, second):
    """The same; how things look is the same for a viewer, so one look will do."""
    found = [*_too_wide(page, first[0]), *faults(page)]
    _turn(page, second)
    found += [*complaints(page, less=MORE), *_too_wide(page, second[0])]
    _turn(page, first)
    return [f"viewer at {where}: {one}" for one in found]


def _turn(page, look):
    (width, height), scheme = look
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)


def _too_wide(page, size):
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"{width} pixels wide on {size[0]}"] if width > size[0] else []


def _downloads(page):
    """The files the page offers, by their forms."""
    links = page.eval_on_selector_all("a[href]", "all => all.map((one) => one.href)")
    return {found[0]: link for link in links if (found := DOWNLOAD.search(link))}


def _file_faults(page, files, folder):
    """What is dangerous in the files."""
    found = []
    for name, address in files.items():
        answer = page.request.get(address)
        form = "csv" if name.endswith("fixes") else name[-4:].strip("./=")
        found += [f"{name}: {one}" for one in file_faults(form, answer.body())]
        if not answer.ok:
            found.append(f"{name} answered {answer.status}")
        if form == "html":
            found += _document_faults(page, folder / "downloaded.html", answer.body())
    return found


def _document_faults(page, file, data):
    file.write_bytes(data)
    opened = page.context.new_page()
    said = _said(opened)
    opened.goto(file.as_uri())
    found = faults(opened)
    for size in (DESK, PHONE):
        _turn(opened, (size, "light"))
        found += _too_wide(opened, size)
    opened.close()
    return [f"{file.name}: {one}" for one in (*found, *said)]


def _unseen(console, addresses):
    """The pages there are that none of these addresses leads to."""
    app = create_app(console.folder / "connector.toml", {})
    adapter = app.url_map.bind("127.0.0.1")
    paths = [urlsplit(address).path for address in addresses]
    seen = {adapter.match(path)[0] for path in paths if adapter.test(path)}
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    return {one for one in pages - seen if one.rpartition(".")[2] not in NO_PAGE} - {"pages.index"}
