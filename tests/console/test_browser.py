"""The console as people use it: a real process, a real browser, the sample school."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.cli.command import trackone
from tests.console.browser import PASSWORD, join, served, watched

pytestmark = pytest.mark.browser


def count(page):
    """How many rows the button says it will do."""
    return int(page.locator("[data-once] b").inner_text().replace(",", ""))


def make_preview(page, console, method="student_code"):
    """From the form to the preview."""
    page.goto(f"{console.address}/synchronise")
    page.get_by_label("Select username creation method").select_option(method)
    page.get_by_role("button", name="Preview").click()
    page.wait_for_url("**/preview/**")
    accept(page)


def accept(page):
    """Accept what the guard refuses, if it does: few students make any change a large one."""
    for tick in page.locator("input[name=accept]").all():
        tick.check()


def test_from_the_first_link_to_an_undone_synchronise(page, console):
    """A new administrator finds the whole way: link, form with live example, suggestion, preview, run, undo."""
    complaints = watched(page)
    join(page, console.link)
    before = trackone("accounts", "export", folder=console.folder).out
    page.get_by_role("link", name="Bulk User Synchronise").first.click()
    page.get_by_role("button", name="Compare with the directory").click()
    page.get_by_role("link", name="Use this").first.wait_for()
    assert re.search(r"\d+\.\d% of \d+ network logins", page.locator("aside").inner_text())
    example = page.locator("#example")
    page.get_by_label("Select username creation method").select_option("student_code")
    expect(example).to_have_text(re.compile(r"→ \d{7}$"))
    page.get_by_label("Prepend text").fill("st")
    expect(example).to_have_text(re.compile(r"→ st\d{7}$"))
    page.get_by_label("Prepend text").fill("")
    page.get_by_role("button", name="Preview").click()
    page.wait_for_url("**/preview/**")
    assert re.search(
        r"\d+\.\d% of the usernames would then equal the network login", page.locator("main").inner_text()
    )
    accept(page)
    wanted = count(page)
    page.locator("input[name=take]").first.uncheck()
    assert count(page) == wanted - 1
    page.locator("[data-once]").click()
    page.get_by_text("It was done whole").wait_for()
    after = trackone("accounts", "export", folder=console.folder).out
    assert after != before
    page.get_by_role("button", name="Undo this run").click()
    page.wait_for_url("**/preview/**")
    page.locator("[data-once]").click()
    page.get_by_text("It was done whole").wait_for()
    assert trackone("accounts", "export", folder=console.folder).out == before
    assert complaints == []


def test_without_a_script_the_whole_way_works_too(browser, console):
    """With JavaScript off the same path leads to the same end."""
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(15_000)
    page = context.new_page()
    join(page, console.link)
    page.get_by_role("searchbox").fill("an")
    page.get_by_role("button", name="Search").click()
    assert "q=an" in page.url
    make_preview(page, console)
    page.locator("input[name=take]").first.uncheck()
    page.get_by_role("button", name="Keep my choices").click()
    page.get_by_text("1 left out").wait_for()
    page.locator("[data-once]").click()
    page.get_by_text("It was done whole").wait_for()
    page.get_by_role("button", name="Undo this run").click()
    page.wait_for_url("**/preview/**")
    context.close()


def test_what_was_chosen_outlasts_a_turn_of_the_page(page, console):
    """A row that was left out stays so on another tab, in a search, and when Enter is pressed on its tick."""
    join(page, console.link)
    before = trackone("accounts", "export", folder=console.folder).out
    make_preview(page, console)
    wanted, place = count(page), page.locator("input[name=take]").first.get_attribute("value")
    page.locator(f"input[name=take][value='{place}']").uncheck()
    page.locator(".chips a:not([aria-current])").last.click()
    page.get_by_text("1 left out").wait_for()
    page.locator(".chips a").first.click()
    mine = page.locator(f"input[name=take][value='{place}']")
    expect(mine).not_to_be_checked()
    assert count(page) == wanted - 1
    other = page.locator("input[name=take]:checked").first
    other.uncheck()
    page.get_by_role("searchbox").fill("zzz")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_text("2 left out").wait_for()
    assert "q=zzz" in page.url
    page.locator(".chips a").first.click()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("searchbox").press("Enter")
    third = page.locator("input[name=take]:checked").first
    third.press("Space")
    third.press("Enter")
    page.get_by_text("3 left out").wait_for()
    assert trackone("accounts", "export", folder=console.folder).out == before


def test_the_note_beside_overwrite_follows_its_tick(page, shared):
    """On and off each say what they mean, and only the one that is chosen is shown."""
    page.goto(f"{shared.address}/synchronise")
    tick, note = page.locator("input[name=overwrite]"), page.locator("#overwrite-help")
    tick.check()
    expect(note).to_have_text(re.compile("archived: they cannot sign in"), use_inner_text=True)
    expect(note).not_to_have_text(re.compile("Off:"), use_inner_text=True)
    tick.uncheck()
    expect(note).to_have_text(
        "Off: only new students get accounts. No existing account is updated, renamed or archived.",
        use_inner_text=True,
    )


def test_search_as_you_type(page, shared):
    """The list follows the search field, the address too, and a page opened by it shows the same."""
    page.goto(shared.address)
    name = page.locator("tbody th a").first.inner_text()
    page.get_by_role("searchbox").press_sequentially(name)
    expect(page.locator("tbody tr")).to_have_count(1)
    assert f"q={name}" in page.url
    page.reload()
    assert page.locator("tbody th a").all_inner_texts() == [name]


def runs(console):
    """How many runs there are."""
    return len(json.loads(trackone("runs", "list", "--format", "json", folder=console.folder).out))


@pytest.mark.parametrize("click", ["dblclick", "click"])
def test_a_double_click_or_the_back_button_makes_one_run(page, shared, click):
    """Two clicks on Synchronise Users are one, and going back after a run does not offer it again."""
    before = runs(shared)
    make_preview(page, shared)
    getattr(page.locator("[data-once]"), click)()
    page.get_by_text("It was done whole").wait_for()
    page.go_back()
    page.wait_for_load_state()
    expect(page.locator("[data-once]")).to_have_count(0)
    assert runs(shared) == before + 1


def test_sign_in_and_lock_out(page, console):
    """Wrong passwords make the right one wait; nothing tells whether the name was right."""
    join(page, console.link)
    page.get_by_role("button", name="Sign out").click()
    for _ in range(5):
        page.get_by_label("Name").fill("Jo Lee")
        page.get_by_label("Password").fill("not the password")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("The name or the password is not right.").wait_for()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    assert page.get_by_role("alert").inner_text() == "! Too many tries went wrong. Try again in 30 seconds."


def test_everything_can_be_done_with_the_keyboard(page, shared):
    """The first Tab offers to skip the rail, and what has the focus is marked."""
    page.goto(f"{shared.address}/synchronise")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "method"
    assert "solid" in page.evaluate("getComputedStyle(document.activeElement).outlineStyle")


def test_the_console_stops_and_starts_as_a_service(page, console):
    """Told to stop it ends well; started again it knows its administrators and prints no link."""
    join(page, console.link)
    assert console.stop() == 0
    with served(console.folder) as again:
        assert again.link == ""
        page.goto(f"{again.address}/sign-in")
        page.get_by_label("Name").fill("Jo Lee")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/users")
