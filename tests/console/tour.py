"""A walk through every page of a console, in every state in which it looks different."""

import re

from playwright.sync_api import Page

from tests.console.browser import PASSWORD, Served, join

NOBODY = "zzzz"
WRONG = "not the password"


def operators_tour(page: Page, console: Served):
    """What an operator meets from the first link to being locked out; the page is shown while its name is yielded."""
    yield from _arriving(page, console)
    yield from _directory(page, console)
    yield from _synchronising(page, console)
    yield from _people(page, console)
    yield from _rest(page, console)
    yield from _leaving(page, console)


def viewers_tour(page: Page, console: Served, addresses):
    """What a viewer meets at addresses an operator went to, and when sending what only operators may."""
    for address in addresses:
        page.goto(console.address + address)
        yield address
    page.goto(f"{console.address}/users")
    page.evaluate("document.querySelector('.rail form').action = '/administrators/invite'")
    page.locator(".rail form button").dispatch_event("click")  # a phone hides it in the menu
    page.get_by_role("heading", name="Not allowed").wait_for()
    yield "refused to a viewer"


def viewer_joined(page: Page, console: Served, viewer: Page) -> None:
    """Have the operator at `page` invite a viewer, who joins in a window of their own."""
    page.goto(f"{console.address}/administrators")
    page.get_by_role("button", name="Link for a viewer").click()
    join(viewer, page.get_by_label("One-time link").input_value(), "Vi Ewer")


def synchronised(page: Page) -> None:
    """Accept what the guard refuses, press the button and wait for the end."""
    for tick in page.locator("input[name=accept]").all():
        tick.check()
    page.locator("[data-once]").click()
    page.get_by_role("heading", name="Done").wait_for()


def _arriving(page: Page, console: Served):
    page.goto(f"{console.address}/sign-in")
    yield "sign-in with no administrator"
    page.goto(console.link)
    yield "one-time link"
    page.get_by_label("Your name").fill("Jo Lee")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same again").fill(WRONG)
    page.get_by_role("button", name="Sign in with this").click()
    page.get_by_role("alert").wait_for()
    yield "one-time link, wrong"
    join(page, console.link)
    yield "users"


def _directory(page: Page, console: Served):
    page.goto(f"{console.address}/alignment")
    yield "alignment before the first"
    page.get_by_role("button", name="Compare with the directory").click()
    page.get_by_role("heading", name="Match rate").wait_for()
    yield "alignment"
    for query in ("severity=error", f"q={NOBODY}"):
        page.goto(f"{console.address}/alignment?{query}")
        yield f"alignment, {query}"
    page.goto(f"{console.address}/health")
    yield "health before a look"
    page.get_by_role("button", name="Check everything now").click()
    page.get_by_text(re.compile("^Looked at ")).wait_for()
    yield "health"


def _synchronising(page: Page, console: Served):
    page.goto(f"{console.address}/synchronise")
    yield "form"
    page.get_by_role("button", name="Compare with the directory").click()
    page.get_by_role("link", name="Use this").first.wait_for()
    page.get_by_label("All year levels").uncheck()
    yield "form with what the directory says"
    page.get_by_label("Select username creation method").select_option("student_code")
    for year in page.locator("input[name=year]").all():
        year.uncheck()
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("alert").wait_for()
    yield "form, wrong"
    page.get_by_label("All year levels").check()
    page.locator("input[name=overwrite]").check()
    page.route("**/progress/*/state", lambda _route: None)  # it is asked, and hears nothing until unrouted
    page.get_by_role("button", name="Preview").click()
    page.locator("#work").wait_for()
    yield "work going on"
    page.unroute("**/progress/*/state")
    page.wait_for_url("**/preview/**")
    yield "preview"
    here = page.url
    for query in ("kind=skip", "kind=finding", "kind=rename", f"q={NOBODY}"):
        page.goto(f"{here}?{query}")
        yield f"preview, {query}"
    page.goto(here)
    page.locator("input[name=take]").first.uncheck()
    page.get_by_role("button", name="Keep my choices").click()
    page.get_by_text("1 left out").wait_for()
    yield "preview with a row left out"
    page.locator("[data-once]").click()
    page.get_by_text("so nothing was done").wait_for()
    yield "preview refused by the guard"
    synchronised(page)
    yield "done"
    page.get_by_role("link", name="See each change").click()
    yield "run"
    page.goto(f"{console.address}/runs")
    yield "runs"


def _people(page: Page, console: Served):
    for query in ("type=Staff", "type=Parent", f"q={NOBODY}", "state=archived", "sort=family_name&down=1"):
        page.goto(f"{console.address}/users?{query}")
        yield f"users, {query}"
    for state in ("live", "archived"):
        page.goto(f"{console.address}/users?state={state}")
        page.locator("tbody th a").first.click()
        page.get_by_role("heading", name="History").wait_for()
        yield f"account, {state}"
    page.goto(f"{console.address}/users?state=live")
    page.locator("tbody th a").last.click()
    page.get_by_role("button", name="Look this person up").click()
    page.get_by_role("heading", name="A synchronise now").wait_for()
    yield "account with why"
    page.get_by_role("button", name="Archive").click()
    page.wait_for_url("**/preview/**")
    yield "preview of an edit"
    students = console.folder / "oneroster.zip"
    students.rename(f"{students}.away")
    page.goto(f"{console.address}/synchronise")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("alert").wait_for()
    yield "work that failed"
    page.goto(f"{console.address}/health")
    page.get_by_role("button", name="Check everything now").click()
    page.get_by_text("Not well").first.wait_for()
    yield "health, not well"
    students.with_name(f"{students.name}.away").rename(students)


def _rest(page: Page, console: Served):
    page.goto(f"{console.address}/scim-clients")
    yield "SCIM"
    for said in ("shown this once", "shown this once", "2 live tokens"):
        page.get_by_label("Client", exact=False).first.fill("entra")
        page.get_by_role("button", name="Make the token").click()
        page.get_by_text(said).wait_for()
        yield f"SCIM, {said}"
    page.goto(f"{console.address}/administrators")
    yield "administrators"
    page.get_by_role("button", name="Link for an operator").click()
    page.get_by_label("One-time link").wait_for()
    yield "administrators with a link"
    for path in ("/audit", "/nothing", "/progress/none", "/preview/none"):
        page.goto(console.address + path)
        yield path


def _leaving(page: Page, console: Served):
    page.goto(f"{console.address}/runs")
    page.locator(".rail form button").dispatch_event("click")  # a phone hides it in the menu
    page.get_by_text("You are signed out").wait_for()
    yield "sign-in"
    for said in (*5 * ["is not right"], "Too many tries"):
        page.get_by_label("Name").fill("Jo Lee")
        page.get_by_label("Password").fill(WRONG)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("alert").filter(has_text=re.compile(said)).wait_for()
    yield "sign-in, locked"
