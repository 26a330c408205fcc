"""Work that takes a while: how far it is, shown while it goes on."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error

from connector.console.work import Work
from connector.demo.school import build_school
from tests.console.browser import join, served

STUDENTS = 5_000


def told_until(page, address):
    """What the page of the work says until it leads to another."""
    told = []
    while address not in page.url:
        with suppress(Error):  # the page was just left
            told.append(page.locator("#work").inner_text(timeout=250))
    return told


@pytest.mark.browser
@pytest.mark.slow
def test_a_preview_of_thousands_shows_how_far_it_is(browser, page, tmp_path):
    """Before a preview is complete it tells its phases and how many students it has done, script or no script."""
    build_school(tmp_path, students=STUDENTS)
    with served(tmp_path) as console:
        join(page, console.link)
        state = page.context.storage_state()
        plain = browser.new_context(java_script_enabled=False, storage_state=state).new_page()
        for one in (page, plain):
            one.goto(f"{console.address}/synchronise")
            one.get_by_role("button", name="Preview").click()
            told = told_until(one, "/preview/")
            assert any(re.search(r"(Reading|Deciding|Comparing)[^\d]+\d,\d{3} of 5,\d{3}", words) for words in told)
            one.get_by_role("heading", name="Preview").wait_for()
            assert re.match(r"5,\d{3} students read", one.locator(".lead").inner_text())
        plain.context.close()


def test_a_phase_without_a_total_is_as_long_as_the_last_one_with():
    """The bar moves also where only the phase before knew how many rows there are, and never beyond its end."""
    work = Work("id", "Jo Lee", "A preview", "/")
    told = []
    for phase, done, total in [("Read", 0, None), ("Read", 500, None), ("Read", 900, 900), ("Decide", 0, None)]:
        work.tell(phase, done, total)
        told.append(work.total)
    work.tell("Decide", 450, None)
    told.append(work.total)
    work.tell("Decide", 901, None)
    assert [*told, work.total] == [None, None, 900, None, 900, None]
