"""The guide's four steps in a browser, at a school with a directory server, against `trackone sync`."""

import json

import pytest
from playwright.sync_api import expect

from tests.cli.command import in_memory, trackone
from tests.console.browser import copied, join, served, watched
from tests.servers.people import SERVICE_PASSWORD
from tests.servers.slapd import READER, SUFFIX
from tests.services.school import School, row

pytestmark = [pytest.mark.browser, pytest.mark.servers]

RULES = """\
[scope]
year_levels = {years}
overwrite = {overwrite}
renames = "apply"

[usernames]
method = "{method}"
case = "{case}"

[passwords]
method = "none"

[roles]
default = {roles}
managed = ["Student Security", "Student Portal"]
"""
LAST_YEAR = [
    row("S1001", "Amelia", "Smith", email="amelia@mail.example"),
    row("S1002", "Zoë", "Dubois"),
    row("0042", "Cường", "Nguyễn"),
    row("S1005", "Comma", "O'Brien, Jr"),
]
THIS_YEAR = [
    row("S1001", "Amelia", "Smith", email="amelia.smith@mail.example", year_level="8"),
    row("S1002", "Zoë", "Dubois", status="left"),
    row("0042", "Cường", "Nguyễn"),
    row("S1005", "Comma", "O'Brien"),
    row("S1006", "Dis", "Abled"),
    row("S1008", "Lock", "Over", year_level="8"),
    row("S2001", "Amos", "Smith"),
    row("S2002", "Wei", "李", year_level="12"),
]
WHO_WAITS = "S1008"
CODES = {code: code for code in ("S1001", "S1002", "0042", "S1005", "S1006", "S1008", "S2001")}
NAMES = {
    "S1001": "ASmith",
    "S1002": "S1002",
    "0042": "CNguyen",
    "S1005": "CObrien",
    "S1006": "DAbled",
    "S1008": "LOver",
    "S2001": "ASmith2",
}


@pytest.fixture
def school(tmp_path, slapd):
    """A school in its second year: last year's accounts are there, this year's export has come."""
    directory = {"url": slapd.tls_url, "base": f"ou=Students,{SUFFIX}", "ca_file": slapd.ca, "bind_dn": READER}
    (tmp_path / "password").write_text(SERVICE_PASSWORD)
    keys = "".join(f'{key} = "{value}"\n' for key, value in directory.items())
    made = School(tmp_path, more=f'[directory]\n{keys}bind_password = {{ file = "password" }}\n')
    made.rules(rules("student_code", "keep"))
    made.write(LAST_YEAR)
    assert trackone("sync", folder=tmp_path).code == 0
    made.write(THIS_YEAR)
    return tmp_path


def rules(method, case, *, years='"all"', overwrite="false", roles='["Student Security"]'):
    """The mapping file with these options."""
    return RULES.format(method=method, case=case, years=years, overwrite=overwrite, roles=roles)


def accounts(folder):
    """Every account as `trackone accounts export` has it, by SIS code."""
    exported = json.loads(trackone("accounts", "export", "--format", "json", folder=folder).out)
    return {one["sis_code"]: one for one in exported}


def synchronised_by_command(folder, method, case):
    """The accounts that `trackone sync` leaves with the same options."""
    chosen = rules(method, case, years='["7-8"]', overwrite="true", roles='["Student Security", "Student Portal"]')
    (folder / "students.toml").write_text(chosen)
    done = trackone("sync", "--accept", "mapping-changed", folder=folder)
    assert done.code == 0, done.err
    return accounts(folder)


def filled_in(page, console, method, case):
    """The form in the guide's order, up to the preview."""
    page.goto(f"{console.address}/synchronise")
    page.get_by_label("Select username creation method").select_option(method)
    page.get_by_label("Letters").select_option(case)
    page.get_by_label("All year levels").uncheck()
    for year in page.locator("input[name=year]").all():
        year.set_checked(year.get_attribute("value") in ("7", "8"))
    page.get_by_role("checkbox", name="Overwrite").check()
    page.get_by_role("checkbox", name="Student Portal").check()
    page.get_by_role("button", name="Preview").click()
    page.wait_for_url("**/preview/**")


def done(page):
    """Press the preview's button and wait for what it says came of it."""
    with page.expect_request("**/progress/**"):
        page.locator("[data-once]").click()
    page.get_by_text("It was done whole").wait_for()


@pytest.mark.parametrize(
    ("method", "case", "expected"), [("student_code", "keep", CODES), ("initial_surname", "title", NAMES)]
)
def test_the_guide_s_steps_give_what_the_command_line_gives(page, school, method, case, expected):
    """Form, preview, one row left out, synchronise, undo, and all of it again: the accounts are those of a sync."""
    complaints = watched(page)
    before = accounts(school)
    with in_memory() as folder:
        wanted = synchronised_by_command(copied(school, f"{folder}/school"), method, case)
    assert {code: one["username"] for code, one in wanted.items()} == expected
    with served(school) as console:
        join(page, console.link)
        filled_in(page, console, method, case)
        assert accounts(school) == before
        page.get_by_role("row", name=WHO_WAITS).get_by_role("checkbox").uncheck()
        done(page)
        assert accounts(school) == {code: one for code, one in wanted.items() if code != WHO_WAITS}
        page.get_by_role("button", name="Undo this run").click()
        page.wait_for_url("**/preview/**")
        done(page)
        assert accounts(school) == before
        filled_in(page, console, method, case)
        expect(page.get_by_role("row", name=WHO_WAITS).get_by_role("checkbox")).to_be_checked()
        done(page)
        assert accounts(school) == wanted
    assert complaints == []
