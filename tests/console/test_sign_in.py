"""Signing in, and what is kept from everybody else."""

import sqlite3

import pytest

from connector.console.gate import HEADERS
from tests.console.visits import HOST, PASSWORD

PAGES = [
    "/", "/users", "/users/1", "/users/export", "/synchronise", "/synchronise/example", "/runs", "/runs/1", "/audit",
    "/administrators", "/preview/none", "/preview/none/plan.csv", "/progress/none", "/progress/none/state",
]  # fmt: skip


def test_the_first_link_makes_the_first_operator_once(office):
    """Whoever opens the link of the first start chooses name and password; the link is then used up."""
    link = office.link()
    first, second = office.visit("Jo Lee"), office.visit("Mal Lory")
    assert first.join(link).path == "/users"
    assert second.open(link.removeprefix(HOST)).page.status_code == 404
    assert "used already" in second.words
    assert office.link() == ""


def test_two_browsers_at_one_link_make_one_operator(office):
    """The form behind a link that was opened twice works once."""
    link = office.link()
    first, second = office.visit("Jo Lee"), office.visit("Mal Lory")
    for one in (first, second):
        one.open(link.removeprefix(HOST))
    for one in (first, second):
        one.send("", {"name": one.name, "password": PASSWORD, "again": PASSWORD})
    assert (first.page.status_code, second.page.status_code) == (200, 404)
    assert [one.name for one in office.room.record.administrators()] == ["Jo Lee"]


def test_a_link_ends_after_a_day(office):
    """A link that nobody used in 24 hours is worth nothing."""
    link = office.link()
    office.later(hours=24)
    assert office.visit().open(link.removeprefix(HOST)).page.status_code == 404


@pytest.mark.parametrize(
    ("name", "password", "again", "said"),
    [
        ("", PASSWORD, PASSWORD, "Choose a name"),
        ("x" * 65, PASSWORD, PASSWORD, "Choose a name"),
        ("a\u202eb", PASSWORD, PASSWORD, "Choose a name"),
        ("Jo", "eleven char", "eleven char", "at least 12"),
        ("Jo", PASSWORD, PASSWORD + "!", "not the same"),
        ("quill", "my quill is blue", "my quill is blue", "holds the name"),
    ],
)
def test_a_poor_choice_is_told_and_the_link_stays(office, name, password, again, said):
    """A name or password that will not do is said, and the link works still."""
    visit = office.visit()
    visit.open(office.link().removeprefix(HOST))
    visit.send("", {"name": name, "password": password, "again": again})
    assert visit.page.status_code == 400
    assert said in visit.words
    assert visit.send("", {"name": "Jo", "password": PASSWORD, "again": PASSWORD}).path == "/users"


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_a_page_without_signing_in(office, page):
    """Every page but the sign-in leads there, and says nothing."""
    answer = office.visit().client.get(page, base_url=HOST)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?next=")


def test_no_page_was_forgotten(office):
    """The only views without a sign-in are those that make one, the styles, and what machines ask for."""
    views = office.app.view_functions.items()
    free = {name for name, view in views if getattr(view, "anybody", False)}
    assert {name for name in free if not name.startswith("operation.")} == {
        "sign_in.page",
        "sign_in.send",
        "sign_in.join",
        "sign_in.send_join",
        "pages.static_file",
    }


def test_signing_in_leads_back_to_the_page(office):
    """Who asked for a page gets it after signing in."""
    office.operator()
    visit = office.visit()
    visit.open("/runs?page=1")
    assert visit.sign_in().page.request.full_path == "/runs?page=1"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_leads_nowhere_else(office, target):
    """A link to the sign-in cannot send people to another site."""
    office.operator()
    visit = office.visit()
    visit.open("/sign-in")
    answer = visit.send("/sign-in", {"name": "Jo Lee", "password": PASSWORD, "next": target}, wait=False)
    assert answer.headers["Location"] == "/"


def test_a_wrong_name_and_a_wrong_password_look_the_same(office):
    """Nothing tells whether there is an administrator of that name."""
    office.operator()
    wrong = [office.visit(name).sign_in("not the password") for name in ("Jo Lee", "Nobody")]
    assert [one.page.status_code for one in wrong] == [401, 401]
    said = [one.words.replace("Jo Lee", "").replace("Nobody", "") for one in wrong]
    assert said[0] == said[1]


def test_five_wrong_passwords_make_the_name_wait_longer_and_longer(office):
    """After five failures even the right password waits: 30 seconds, then twice as long."""
    office.operator()
    visit = office.visit()
    for _ in range(5):
        visit.sign_in("not the password")
    assert visit.sign_in().page.status_code == 429
    assert visit.page.headers["Retry-After"] == "30"
    office.later(seconds=31)
    assert visit.sign_in("not the password").page.status_code == 401
    assert visit.sign_in().page.headers["Retry-After"] == "60"
    office.later(seconds=61)
    assert visit.sign_in().path == "/users"


def test_one_address_cannot_try_many_names(office):
    """Twenty failures from one address make it wait whatever name it tries."""
    office.operator()
    for number in range(20):
        office.visit(f"name {number}").sign_in("not the password")
    assert office.visit().sign_in().page.status_code == 429


def test_tries_at_the_same_time_all_count(office):
    """A try counts before the password is looked at, so that trying in parallel gains nothing."""
    office.operator()
    visit = office.visit()
    for _ in range(5):
        visit.sign_in("not the password")
    found = office.room.record.failures(["name jo lee"])
    assert found["name jo lee"].times == 5


@pytest.mark.parametrize(("span", "ended"), [({"minutes": 29}, False), ({"minutes": 31}, True)])
def test_a_session_ends_when_nobody_clicks(office, operator, span, ended):
    """Half an hour without a click ends a session, and the sign-in page says so."""
    office.later(**span)
    assert (operator.open("/runs").path == "/sign-in") is ended
    assert ("You were signed out after 30 minutes without a click." in operator.words) is ended


def test_a_session_ends_in_any_case(office, operator):
    """Eight hours end a session, however much was clicked."""
    for _ in range(22):
        office.later(minutes=21)
        assert operator.open("/runs").path == "/runs"
    office.later(minutes=19)
    assert operator.open("/runs").path == "/sign-in"
    assert "You were signed out: a sign-in lasts 8 hours at most." in operator.words


def test_who_was_not_signed_in_is_told_nothing_of_it(office):
    """Only a session that ran out is spoken of, not that of a browser that never had one."""
    assert "signed out" not in office.visit().open("/runs").words


def test_signing_out_ends_the_session_in_the_record(office, operator):
    """The cookie of somebody who signed out is worth nothing."""
    cookie = operator.client.get_cookie("trackone-8081", domain="127.0.0.1").value
    operator.open("/runs")
    operator.send("/sign-out")
    assert "You are signed out" in operator.words
    thief = office.visit()
    thief.client.set_cookie("trackone-8081", cookie, domain="127.0.0.1")
    assert thief.open("/runs").path == "/sign-in"


def test_signing_in_changes_the_cookie(office):
    """A cookie planted before signing in does not become a session."""
    office.operator()
    visit = office.visit()
    visit.client.set_cookie("trackone-8081", "planted", domain="127.0.0.1")
    visit.sign_in()
    assert visit.client.get_cookie("trackone-8081", domain="127.0.0.1").value != "planted"
    victim = office.visit()
    victim.client.set_cookie("trackone-8081", "planted", domain="127.0.0.1")
    assert victim.open("/runs").path == "/sign-in"


@pytest.mark.parametrize(
    ("change", "headers"),
    [
        ({"form_token": ""}, {}),
        ({"form_token": "0" * 64}, {}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Origin": "null"}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_a_form_from_elsewhere_does_nothing(office, operator, change, headers):
    """A form that no page of ours made, or that another site sent, is refused."""
    operator.open("/administrators")
    operator.send("/administrators/invite", change, button=("role", "operator"), **headers)
    assert operator.page.status_code == 400
    assert [line.action for _number, line in office.room.record.audit_lines(1)] != ["invite"]


def test_another_name_for_this_machine_is_refused(office):
    """A page elsewhere whose name points here gets no answer (DNS rebinding)."""
    answer = office.visit().client.get("/sign-in", base_url="http://evil.example:8081")
    assert answer.status_code == 400


def test_a_viewer_looks_and_changes_nothing(office, operator):
    """Every form but looking up is closed to a viewer, and the try is in the audit."""
    viewer = office.viewer(operator)
    assert "an operator makes previews" in viewer.open("/synchronise").words
    viewer.open("/runs")
    form = viewer.text.partition('name="form_token" value="')[2].partition('"')[0]
    for path in ("/synchronise/preview", "/administrators/invite", "/users/1/edit", "/runs/1/undo", "/preview/x"):
        answer = viewer.client.post(path, base_url=HOST, data={"form_token": form, "role": "operator"})
        assert (path, answer.status_code) == (path, 403)
    assert "refused: a viewer" in {line.result for _number, line in office.room.record.audit_lines(20)}


def test_a_removed_administrator_is_out_at_once(office, operator):
    """Removing somebody ends their session; nobody removes themselves."""
    viewer = office.viewer(operator)
    operator.open("/administrators")
    operator.send("/administrators/remove", {"name": "Vi Ewer"})
    assert viewer.open("/runs").path == "/sign-in"
    operator.open("/administrators")
    assert 'value="Jo Lee"' not in operator.text


def test_every_answer_carries_the_headers(operator):
    """Policy and other headers are on pages, refusals and redirects alike; pages are never stored."""
    for path in ("/sign-in", "/runs", "/nothing", "/"):
        answer = operator.client.get(path, base_url=HOST)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert answer.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


def test_the_cookie_is_for_servers_only(office):
    """No script reads the cookie, no other site sends it."""
    cookie = office.visit().client.get("/sign-in", base_url=HOST).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_nothing_in_the_store_signs_in(office, operator):
    """Whoever reads the database finds no cookie, link or password in it."""
    link, cookie = office.link(always=True), operator.client.get_cookie("trackone-8081", domain="127.0.0.1").value
    operator.open("/runs")
    with sqlite3.connect(office.school.folder / "trackone.db") as connection:
        text = "\n".join(connection.iterdump())
    assert "argon2id" in text
    for secret in (link.rpartition("/")[2], cookie, PASSWORD):
        assert secret not in text


def test_what_is_typed_as_a_name_by_mistake_is_not_kept(office):
    """A failed sign-in is in the audit, but a password typed in the wrong field is not."""
    office.operator()
    office.visit("my secret password").sign_in("x")
    lines = [line for _number, line in office.room.record.audit_lines(5)]
    assert ("(unknown)", "sign in", "refused: wrong name or password") in {
        (one.who, one.action, one.result) for one in lines
    }
    assert "secret password" not in str(lines)
