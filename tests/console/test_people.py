"""The Users pages: lists, exports, one account, and edits that are shown first."""

import re
import sqlite3
from html import unescape

import pytest

from connector.credentials.verify import check
from connector.domain.account import Account, UserType
from connector.domain.alignment import AlignmentRecord, FindingKey
from connector.services.accounts import change_roles, create_plan, edit_plan
from tests.cli.command import trackone
from tests.console.visits import HOST


@pytest.fixture
def staffed(office):
    """The school with its students and one teacher in the store."""
    school = office.school
    school.apply(school.plan())
    school.apply(create_plan(school.built(), Account("jlee", user_type=UserType.STAFF, family_name="Lee")))
    return school


def number(school, username):
    """The account's number."""
    with school.built().store.view() as accounts:
        return accounts.find(username)[0].id


def account(school, username):
    """The account as it is exported."""
    return next(one for one in school.accounts().values() if one["username"] == username)


def verifier(school, username):
    """What the store checks the account's password against."""
    with sqlite3.connect(school.folder / "trackone.db") as connection:
        return connection.execute("SELECT verifier FROM accounts WHERE username = ?", (username,)).fetchone()[0]


def test_the_columns_are_those_of_the_guide(staffed, operator):  # noqa: ARG001 - the accounts
    """The table has TrackOne's columns in its order, and a tab for every type with its number."""
    operator.open("/users")
    head = operator.text.partition("<thead>")[2].partition("</thead>")[0]
    words = " ".join(unescape(re.sub(r"<[^>]+>", " ", head)).split())
    assert words == (
        "User Name ↑ SIS Code Family Name Given Names Email Roles Approved Locked Out Override Network Authentication"
    )
    tabs = operator.text.partition('class="tabs"')[2].partition("</nav>")[0]
    assert "Staff 1 Students 4 Parents 0 System 0" in " ".join(re.sub(r"<[^>]+>", " ", tabs).split())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["S0101", "S0102", "S0103", "S0104"]),
        ("?type=Staff", ["jlee"]),
        ("?q=bronte", ["S0104"]),
        ("?q=quill&down=1", ["S0102", "S0101"]),
        ("?sort=family_name", ["S0104", "S0103", "S0102", "S0101"]),
        ("?page=2", []),
        ("?page=99999999999", ["S0101", "S0102", "S0103", "S0104"]),
        ("?type=Nonsense&sort=nonsense&state=nonsense", ["S0101", "S0102", "S0103", "S0104"]),
    ],
)
def test_the_address_says_what_is_shown(staffed, operator, query, expected):  # noqa: ARG001 - the accounts
    """Type, search, order and page stand in the address; what it cannot mean is left aside."""
    operator.open(f"/users{query}")
    assert re.findall(r'href="/users/\d+" title="([^"]+)"', operator.text) == expected


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?q=lee", "No one here is like that, but 1 among Staff ."),
        ("?type=Staff&q=quill", "No one here is like that, but 2 among Students ."),
        ("?q=quill&state=archived", "No one here in this state is like that, but 2 among Students ."),
        ("?q=nobody-at-all", "No user is like that."),
        ("?state=archived", "No user is like that."),
    ],
)
def test_who_is_found_elsewhere_is_told(staffed, operator, query, said):  # noqa: ARG001 - the accounts
    """A search that finds nobody on its tab says on which tabs it finds somebody, with a way there."""
    operator.open(f"/users{query}")
    assert said in operator.words
    if "lee" in query:
        operator.open(unescape(re.search(r'href="([^"]+)">1 among Staff', operator.text)[1]))
        assert "jlee" in operator.words


@pytest.mark.parametrize("form", ["csv", "json"])
def test_an_export_is_that_of_the_command_line(staffed, operator, form):
    """The students' export is byte for byte what `trackone accounts export` writes."""
    answer = operator.client.get(f"/users/export?type=Student&sort=sis_code&form={form}", base_url=HOST)
    wanted = trackone("accounts", "export", "--type", "Student", "--format", form, folder=staffed.folder)
    assert answer.data == wanted.data


@pytest.mark.parametrize(
    ("before", "what", "key", "value"),
    [
        ({}, "archive", "archived", True),
        ({"archived": True, "archived_by": "person"}, "restore", "archived", False),
        ({}, "disapprove", "approved", False),
        ({"approved": False, "disabled_by": "person"}, "approve", "approved", True),
        ({"locked_out": True}, "unlock", "locked_out", False),
    ],
)
def test_an_edit_is_shown_then_done(staffed, operator, before, what, key, value):
    """An edit is a preview with one change; done, it is a run of the administrator's that can be undone."""
    if before:
        staffed.apply(edit_plan(staffed.built(), ["S0101"], lambda one: one._replace(**before)))
    was = account(staffed, "S0101")
    operator.open(f"/users/{number(staffed, 'S0101')}")
    operator.send("/edit", button=("what", what))
    assert account(staffed, "S0101") == was
    assert operator.path.startswith("/preview/")
    operator.send("", button=("do", "synchronise"))
    assert account(staffed, "S0101")[key] is value
    run = staffed.built().store.runs()[0]
    assert (run.origin, run.actor) == ("console", "Jo Lee")
    staffed.undo(run.number)
    assert account(staffed, "S0101") == was


def test_roles_are_given_and_taken(staffed, operator):
    """Ticks become roles of a person's; what stays is left alone."""
    operator.open(f"/users/{number(staffed, 'S0101')}")
    token = re.search(r'name="form_token" value="(\w+)"', operator.text)[1]
    data = {"form_token": token, "what": "roles", "role": ["Student Portal"]}
    answer = operator.client.post(f"/users/{number(staffed, 'S0101')}/edit", base_url=HOST, data=data)
    operator.open(answer.headers["Location"])
    operator.send("", button=("do", "synchronise"))
    assert account(staffed, "S0101")["roles"] == ["Student Portal"]


def test_roles_of_an_import_are_told_from_those_a_person_gave(staffed, operator):
    """A role that came with an import says of which, one given by hand that a person gave it."""
    (staffed.folder / "rows.csv").write_text("username,user_type,roles\nkpark,Staff,Staff Security\n")
    assert trackone("accounts", "import", "rows.csv", "--apply", folder=staffed.folder).code == 0
    staffed.apply(edit_plan(staffed.built(), ["kpark"], change_roles(["Staff Portal"], [], (), ())))
    operator.open(f"/users/{number(staffed, 'kpark')}")
    assert re.search(r"Staff Security by the import of \d+ \w+ \d{4}, run \d+", operator.words)
    assert "Staff Portal by a person" in operator.words


def test_a_student_gets_no_protected_role(staffed, operator):
    """A role no student may get is refused, however the form was made."""
    operator.open(f"/users/{number(staffed, 'S0101')}")
    token = re.search(r'name="form_token" value="(\w+)"', operator.text)[1]
    data = {"form_token": token, "what": "roles", "role": ["Administrator Security"]}
    answer = operator.client.post(f"/users/{number(staffed, 'S0101')}/edit", base_url=HOST, data=data)
    assert "a student may not get this role" in answer.get_data(as_text=True)
    assert account(staffed, "S0101")["roles"] == ["Student Security"]


def test_override_sets_a_password_of_its_own(staffed, operator):
    """The new password counts, nothing holds it in clear, and the override can be ended, which is shown first."""
    operator.open(f"/users/{number(staffed, 'S0101')}")
    operator.send("/password", {"password": "blue giraffe", "again": "blue giraffe"})
    assert "The new password is set." in operator.words
    assert account(staffed, "S0101")["override_network_authentication"] is True
    assert check(verifier(staffed, "S0101"), "blue giraffe", b"")
    operator.send("/edit", button=("what", "end-override"))
    assert account(staffed, "S0101")["override_network_authentication"] is True
    operator.send("", button=("do", "synchronise"))
    assert account(staffed, "S0101")["override_network_authentication"] is False
    kept = (staffed.folder / "trackone.db").read_bytes()
    assert b"giraffe" not in kept
    assert staffed.built().store.runs()[0].command == "accounts override --off"


def test_a_new_password_is_one_run(staffed, operator):
    """Password and override are one run that says both; undone, the override is over. Again, it says the password."""
    operator.open(f"/users/{number(staffed, 'S0101')}")
    before = len(list(staffed.built().store.runs()))
    operator.send("/password", {"password": "blue giraffe", "again": "blue giraffe"})
    runs = list(staffed.built().store.runs())
    assert len(runs) == before + 1
    operator.open(f"/runs/{runs[0].number}")
    assert "A new password was set. 1 account updated." in operator.words
    staffed.undo(runs[0].number)
    assert account(staffed, "S0101")["override_network_authentication"] is False
    for _once in range(2):
        operator.open(f"/users/{number(staffed, 'S0101')}")
        operator.send("/password", {"password": "blue giraffe", "again": "blue giraffe"})
    operator.open("/runs")
    marks = re.findall(r'class="marks">([^<]*)<', operator.text)
    assert marks[:2] == ["password", "password ▲1"]


def test_the_command_of_a_withdrawn_approval_says_so(staffed, operator):
    """Runs and Audit tell withdrawing an approval from giving one."""
    operator.open(f"/users/{number(staffed, 'S0101')}")
    operator.send("/edit", button=("what", "disapprove"))
    operator.send("", button=("do", "synchronise"))
    assert staffed.built().store.runs()[0].command == "accounts approve --off"
    assert "accounts approve --off" in operator.open("/audit").words


@pytest.mark.parametrize(("password", "again"), [("short", "short"), ("blue giraffe", "blue girafe"), ("", "")])
def test_a_password_that_will_not_do_changes_nothing(staffed, operator, password, again):
    """Too short or not the same twice: nothing is changed, and the form is shown again with the reason."""
    was = account(staffed, "S0101")
    operator.open(f"/users/{number(staffed, 'S0101')}")
    operator.send("/password", {"password": password, "again": again})
    assert operator.page.status_code == 400
    assert "Nothing was changed." in operator.words
    assert 'id="password"' in operator.text
    assert account(staffed, "S0101") == was


def test_why_shows_every_side(staffed, operator):
    """Looking a person up shows the SIS row, the rules, the username candidates and what a sync would do."""
    operator.open(f"/users/{number(staffed, 'S0104')}")
    operator.send("/why")
    for said in ("Zoë Wilhelmina Brontë", "students.csv:5", "Usernames in order", "Nothing to do."):
        assert said in operator.words, said


def test_an_account_that_is_gone_is_told(operator):
    """There is no page of an account there is not."""
    assert operator.open("/users/4711").page.status_code == 404
    assert "no such account" in operator.words


def test_system_accounts_are_shown_and_not_edited(staffed, operator):
    """The product's own accounts have their tab; no form changes them."""
    with sqlite3.connect(staffed.folder / "trackone.db") as connection:
        connection.execute("UPDATE accounts SET user_type = 'System' WHERE username = 'jlee'")
        connection.execute("UPDATE runs SET finished_at = '2026-03-02T12:00:59+00:00'")
    operator.open("/users?type=System")
    assert "jlee" in operator.words
    operator.open(re.search(r"/users/\d+", operator.text)[0])
    assert "Archive" not in operator.words


def test_a_username_that_is_not_the_network_login_is_marked(staffed, operator):
    """After an alignment the list shows whose network login is another one, by a mark with words."""
    parts = staffed.built()
    record = AlignmentRecord(staffed.now, staffed.now.date(), 4, 3, 4, {"username-differs": 1})
    parts.alignments.keep_alignment(parts.scope, record, {FindingKey("username-differs", "S0102")})
    operator.open("/users")
    rows = operator.text.partition("<tbody>")[2].split("</tr>")
    assert [("The network login differs" in one) for one in rows[:4]] == [False, True, False, False]
