"""Exports that others published: `init` with the preset, the files where it says, and the path to accounts."""

import csv
import json
import shutil
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.command import in_memory, trackone

DATA = Path(__file__).parents[1] / "data"
RULES = """
[scope]
overwrite = true
missing = "{missing}"
[usernames]
method = "{method}"
[passwords]
method = "none"
"""


class Export(NamedTuple):
    """One published export: its preset, what is copied to where, and the columns its students are told by."""

    preset: str
    data: str
    main: str
    code: str
    given: str
    family: str
    campus: str = ""
    schools: str = ""
    only: str = ""


SDS_V1 = Export("sds_v1", "officedev-sds/SDS_Format/100_Users", "Student.csv", "SIS ID", "First Name", "Last Name",
                campus="School SIS ID", schools="School.csv")  # fmt: skip
EXPORTS = {
    "sds-v1": SDS_V1,
    "sds-v1-uk": SDS_V1._replace(data="officedev-sds/UK_Format/100_Users", code="ID", campus="School DfE Number"),
    "sds-v21": Export("sds_v21", "officedev-sds/SDS_v2.1", "users.csv", "sourcedId", "givenName", "familyName",
                      only="roles.csv"),
    "naplan": Export("naplan", "sif-au/naplan-registration-students.csv", "", "LocalId", "PreferredName",
                     "FamilyName", campus="LocalCampusId"),
    "contoso": Export("sds_v1", "contoso-sis/day1", "students.csv", "SIS ID", "First Name", "Last Name",
                      campus="School SIS ID"),
}  # fmt: skip


@pytest.fixture
def folder():
    """A folder in memory, where the system has one."""
    with in_memory() as path:
        yield Path(path)


def _laid_down(folder: Path, preset: str, data: str, *, method: str, missing: str = "report"):
    """The command in a folder that `init` prepared, the export put where its connector.toml says."""
    run = partial(trackone, folder=folder)
    assert run("init", "--sis", preset).code == 0
    (folder / "mappings" / "students.toml").write_text(RULES.format(method=method, missing=missing))
    _deliver(folder, data)
    return run


def _deliver(folder: Path, data: str) -> None:
    """Put an export in the place of the one before."""
    source = DATA / data
    target = folder / ("export" if source.is_dir() else "students.csv")
    shutil.rmtree(target, ignore_errors=True)
    (shutil.copytree if source.is_dir() else shutil.copy)(source, target)


def _rows(export: Export, name: str) -> list[dict[str, str]]:
    path = DATA / export.data / name if name else DATA / export.data
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _students(export: Export) -> dict[str, tuple[str, str, str]]:
    """Given name, family name and campus by code, as a plain look into the files finds them."""
    rows = _rows(export, export.main)
    if export.only:
        codes = {one["userSourcedId"] for one in _rows(export, export.only) if one["role"] == "student"}
        places = {one["sourcedId"]: one["name"] for one in _rows(export, "orgs.csv")}
        of = {one["userSourcedId"]: places[one["orgSourcedId"]] for one in reversed(_rows(export, export.only))}
        return {
            one["sourcedId"]: (one["givenName"], one["familyName"], of[one["sourcedId"]])
            for one in rows
            if one["sourcedId"] in codes
        }
    schools = (
        {next(iter(one.values())): one["Name"] for one in _rows(export, export.schools)} if export.schools else {}
    )
    campus = {one[export.code]: one[export.campus] for one in rows}
    return {
        one[export.code]: (
            one[export.given],
            one[export.family],
            schools.get(campus[one[export.code]], campus[one[export.code]]),
        )
        for one in rows
    }


def _accounts(run) -> dict[str, dict]:
    return {one["sis_code"]: one for one in json.loads(run("accounts", "export", "--format", "json").out)}


NAMES = ("student_code", "initial_surname", "given_dot_surname", "surname_initial")
# SDS v2.1 and NAPLAN tell no login that a school network could have.
TRIED = [(name, method) for name in EXPORTS for method in NAMES]
TRIED += [(name, "network_login") for name in ("sds-v1", "sds-v1-uk", "contoso")]


@pytest.mark.parametrize(("name", "method"), TRIED)
def test_a_published_export_provisions(folder, name, method):
    """Every student of the files has an account with that name and campus; a second sync finds nothing to do."""
    export = EXPORTS[name]
    run = _laid_down(folder, export.preset, export.data, method=method)
    assert run("check", "--connect").code == 0
    assert run("plan", "-o", "plan.json").code == 0
    assert run("apply", "plan.json").code == 0
    accounts = _accounts(run)
    assert {
        code: (one["given_names"], one["family_name"], one["campus"]) for code, one in accounts.items()
    } == _students(export)
    assert len({one["username"].casefold() for one in accounts.values()}) == len(accounts)
    assert {one["approved"] and not one["archived"] for one in accounts.values()} == {True}
    assert f"Nothing had to change. {len(accounts)} unchanged." in run("sync").out
    assert "Nothing to change" in run("plan").out
    stored = b"".join(path.read_bytes() for path in folder.glob("trackone.db*"))
    assert b"P@ssword" not in stored


def _changes(run) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What a plan would do, by code: the action and the keys it changes."""
    plan = json.loads(run("plan", "--format", "json").out)
    return {one["sis_code"]: (one["action"], tuple(one["changed"])) for one in plan["changes"]}


@pytest.mark.parametrize(
    ("method", "usernames"),
    [
        ("initial_surname", {"st1": "aibarra", "st2": "shenderson", "st4": "jsmith"}),
        ("network_login", {"st1": "albertibarra1", "st2": "sharonhenderson2", "st4": "jonsmith"}),
    ],
)
def test_the_second_day_is_what_the_files_differ_by(folder, method, usernames):
    """Al was Albert, Sharon is new, Jon is gone: one update, one create, and Jon is only reported."""
    run = _laid_down(folder, "sds_v1", "contoso-sis/day1", method=method)
    assert run("sync").code == 0
    before = _accounts(run)
    _deliver(folder, "contoso-sis/day2")
    assert _changes(run) == {"st1": ("update", ("given_names",)), "st2": ("create", ())}
    plan = json.loads(run("plan", "--format", "json").out)
    assert [(one["code"], one["sis_code"]) for one in plan["findings"]] == [("missing-from-sis", "st4")]
    assert run("sync").code == 0
    after = _accounts(run)
    assert after["st1"] == {**before["st1"], "given_names": "Al"}
    assert after["st4"] == before["st4"]
    assert {code: one["username"] for code, one in after.items()} == usernames
    assert _changes(run) == {}


def test_who_is_gone_is_archived_after_the_second_read(folder):
    """With missing = "archive" Jon stays through one complete read and is archived by the next; nothing else is."""
    run = _laid_down(folder, "sds_v1", "contoso-sis/day1", method="initial_surname", missing="archive")
    assert run("sync").code == 0
    _deliver(folder, "contoso-sis/day2")
    assert run("sync").code == 0
    middle = _accounts(run)
    assert not middle["st4"]["archived"]
    assert _changes(run) == {"st4": ("archive", ("archived",))}
    assert run("sync").code == 0
    assert _accounts(run) == {**middle, "st4": {**middle["st4"], "archived": True}}
    _deliver(folder, "contoso-sis/day1")
    assert _changes(run) == {"st1": ("update", ("given_names",)), "st4": ("restore", ("archived",))}


def test_a_first_day_again_takes_nothing_away(folder):
    """The first day's files after the second day's give the first day's accounts back, and leave Sharon alone."""
    run = _laid_down(folder, "sds_v1", "contoso-sis/day1", method="initial_surname")
    run("sync")
    first = _accounts(run)
    _deliver(folder, "contoso-sis/day2")
    run("sync")
    _deliver(folder, "contoso-sis/day1")
    assert run("sync").code == 0
    assert {code: one for code, one in _accounts(run).items() if code != "st2"} == first


@pytest.mark.parametrize(("method", "first"), [("email", "jcraig@classrmtest31.org"), ("email_local", "jcraig")])
def test_logins_that_are_addresses_are_said_and_can_be_had(folder, method, first):
    """SDS v2.1 tells addresses: no login may hold them, and what the skip advises gives everybody an account."""
    run = _laid_down(folder, "sds_v21", "officedev-sds/SDS_v2.1", method="network_login")
    skips = json.loads(run("plan", "--format", "json").out)["skips"]
    assert {one["reason"] for one in skips} == {"username-invalid"}
    assert all('method = "email"' in one["suggestion"] and "[sis.columns]" in one["suggestion"] for one in skips)
    rules = folder / "mappings" / "students.toml"
    rules.write_text(rules.read_text("utf-8").replace('"network_login"', f'"{method}"'), "utf-8")
    config = folder / "connector.toml"
    config.write_text(config.read_text("utf-8").replace('#email = "Email"', 'email = "username"'), "utf-8")
    assert run("sync").code == 0
    accounts = _accounts(run)
    assert len(accounts) == len(skips)
    assert accounts["114001"]["username"] == first
