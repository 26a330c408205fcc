"""The alignment's page in a real browser: at desk and phone, light and dark, on paper."""

import pytest

from connector.report.alignment_html import alignment_html
from tests.report import samples as s
from tests.servers.chromium import DESK, PHONE, chromium, complaints, opened

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    """One Chromium for all tests."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """The report as a file."""
    file = tmp_path_factory.mktemp("report") / "alignment.html"
    page = alignment_html(s.ALIGNMENT, s.SCHOOL, s.AS_OF, names=s.NAMES, campuses=s.CAMPUSES, skips=s.SKIPS)
    file.write_text(page, encoding="utf-8")
    return file.as_uri()


def shown(page):
    """The rows of findings that can be seen."""
    return page.locator("#finding-table tbody tr:visible").count()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_anybody_can_read_it(browser, url, size, scheme):
    """No rule of WCAG A or AA is broken, and nothing has to be scrolled sideways."""
    with opened(browser, url, size, scheme) as page:
        assert complaints(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_findings_by_campus_place_and_news(browser, url):
    """Campus, place, chips and search narrow the table together, and say how many rows are left."""
    with opened(browser, url) as page:
        everything = shown(page)
        assert everything == len(s.FINDINGS)
        page.get_by_label("Campus", exact=True).select_option("North")
        assert shown(page) == 2
        page.get_by_label("Place", exact=True).select_option("Students / Year 12")
        assert shown(page) == 1
        assert "Zoë García" in page.locator("#finding-table tbody tr:visible").inner_text()
        assert f"Showing 1 of {everything} rows." in page.get_by_role("status").inner_text()
        page.get_by_label("Campus", exact=True).select_option("South")
        assert shown(page) == 0
        assert page.locator("#finding-table-empty").is_visible()
        page.get_by_label("Campus", exact=True).select_option("")
        page.get_by_label("Place", exact=True).select_option("")
        page.get_by_role("button", name="New").click()
        assert shown(page) == 2


def test_without_script_every_row_is_there(browser, url):
    """Where no script runs there is no filter, and nothing is hidden."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url)
    assert shown(page) == len(s.FINDINGS)
    assert not page.get_by_label("Campus", exact=True).is_visible()
    context.close()


def test_on_paper_there_is_no_rail_and_no_filter(browser, url):
    """Printed are the tables, not what one clicks on."""
    with opened(browser, url) as page:
        page.emulate_media(media="print")
        assert not page.locator(".rail").is_visible()
        assert not page.get_by_label("Place", exact=True).is_visible()
        assert shown(page) == len(s.FINDINGS)
