"""OneRoster exports as the standard has them, and as systems really write them."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.domain.errors import ConfigError, ConnectorError, SourceError
from connector.domain.ports import Reading
from connector.domain.student import Reject, Status, Student
from connector.settings.values import SchoolSettings, SisSettings
from connector.sources.oneroster import oneroster_source
from connector.sources.reading import TableReading

OpenOneRoster = Callable[..., TableReading]
People = Callable[[Reading], list[Student | Reject]]

ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
ORGS += "d1,,,District,district,,\ns1,,,Senior School,school,SE,d1\ns2,,,Junior School,school,JU,d1\n"

USERS_11 = (
    "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
    "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n"
)
USERS_12 = (
    "sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,identifier,"
    "email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,preferredGivenName,preferredMiddleName,"
    "preferredFamilyName,primaryOrgSourcedId,pronouns\n"
)
ROLES = (
    "sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
    "userProfileSourcedId\n"
)
ENROLLMENTS = (
    "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n"
)
CLASSES = (
    "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,"
    "termSourcedIds,subjects,subjectCodes,periods\n"
)


def manifest(version: str, **modes: str) -> str:
    """A manifest that names each file's mode."""
    lines = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
    return "\n".join([*lines, *(f"file.{name},{mode}" for name, mode in modes.items())]) + "\n"


def export_11(users: str, **files: str) -> dict[str, str]:
    """A 1.1 bulk export of users and orgs."""
    texts = {"users": USERS_11 + users, "orgs": ORGS, **files}
    modes = dict.fromkeys(texts, "bulk")
    return {"manifest.csv": manifest("1.1", **modes)} | {f"{name}.csv": text for name, text in texts.items()}


def export_12(users: str, roles: str, mode: str = "bulk", **files: str) -> dict[str, str]:
    """A 1.2 export of users, roles and orgs."""
    texts = {"users": USERS_12 + users, "roles": ROLES + roles, "orgs": ORGS, **files}
    modes = dict.fromkeys(texts, mode)
    return {"manifest.csv": manifest("1.2", **modes)} | {f"{name}.csv": text for name, text in texts.items()}


ANN_11 = 'u1,,,true,"d1,s2,s1",student,asmith,"{LDAP:ann.smith},{Fed:77}",Ann,Smith,May,S001,ann@X.edu,,,,07,secret\n'
ANN_12 = "u1,,,true,asmith,{LDAP:ann.smith},Ann,Smith,May,S001,ann@X.edu,,,,07,secret,,Annie,,,s2,\n"
IN_BOTH = "r1,,,u1,primary,student,2026-01-27,2026-12-11,s1,\nr2,,,u1,primary,student,2026-01-27,,s2,\n"
ANN = Student(
    sis_code="S001",
    legal_given="Ann",
    legal_family="Smith",
    middle="May",
    year_level="7",
    year_level_raw="07",
    cohort=2031,
    campuses=("Junior School", "Senior School"),
    email="ann@x.edu",
    network_login="asmith",
    place="users.csv:2",
)


@pytest.mark.parametrize("zipped", [False, True])
def test_1_1(open_oneroster: OpenOneRoster, people: People, zipped: bool) -> None:
    """Version 1.1 by folder and by zip: students only, schools by name, no password anywhere."""
    staff = "u2,,,true,s1,teacher,btan,,Bea,Tan,,T001,,,,,,secret\n"
    reading = open_oneroster(export_11(ANN_11 + staff), zipped=zipped)
    assert people(reading) == [ANN]
    assert reading.complete
    assert not reading.delta
    assert reading.code_kind == "identifier"
    assert reading.source == f"OneRoster 1.1 (bulk), {'export.zip' if zipped else 'export'}"
    assert list(reading.warnings) == []
    assert "secret" not in "".join(reading.rows())


def test_1_2(open_oneroster: OpenOneRoster, people: People) -> None:
    """Version 1.2: roles say who is a student, where and until when; the primary organisation comes first."""
    staff = "u2,,,true,btan,,Bea,Tan,,T001,,,,,,secret,,,,,s1,\n"
    roles = IN_BOTH + "r3,,,u2,primary,teacher,,,s1,\n"
    reading = open_oneroster(export_12(ANN_12 + staff, roles))
    assert people(reading) == [
        ANN._replace(preferred_given="Annie", entry_date=date(2026, 1, 27), exit_date=date(2026, 12, 11))
    ]
    assert reading.complete
    assert list(reading.warnings) == []


def test_the_two_versions_tell_the_same_person(open_oneroster: OpenOneRoster, people: People) -> None:
    """A student who is in one school all along reads alike from both versions."""
    eleven = people(open_oneroster(export_11(ANN_11.replace("d1,s2,s1", "s2"))))
    twelve = people(
        open_oneroster(export_12(ANN_12.replace("Annie", ""), "r1,,,u1,primary,student,,,s2,\n"), zipped=True)
    )
    assert eleven == twelve == [ANN._replace(campuses=("Junior School",))]


STATUSES = {
    "blank": ("", "true", Status.ACTIVE),
    "active": ("active", "true", Status.ACTIVE),
    "active, but not enabled": ("active", "false", Status.INACTIVE),
    "not enabled in capitals": ("", "FALSE", Status.INACTIVE),
    "deleted": ("tobedeleted", "true", Status.LEFT),
    "deleted in camel case": ("toBeDeleted", "true", Status.LEFT),
    "inactive, as version 1.0 had it": ("inactive", "true", Status.INACTIVE),
    "another word": ("gone", "true", Status.UNKNOWN),
    "enabled is blank": ("", "", Status.ACTIVE),
    "enabled is another word": ("", "perhaps", Status.UNKNOWN),
}


@pytest.mark.parametrize(("status", "enabled", "expected"), STATUSES.values(), ids=STATUSES)
def test_status(open_oneroster: OpenOneRoster, people: People, status: str, enabled: str, expected: Status) -> None:
    """The record's status and enabledUser say whether a student is here; a bulk file's status is heeded."""
    users = f"u1,{status},,{enabled},s1,student,a,,Ann,Smith,,S001,,,,,07,\n"
    (student,) = people(open_oneroster(export_11(users)))
    assert isinstance(student, Student)
    assert student.status is expected


def test_deviations_are_told(open_oneroster: OpenOneRoster, people: People) -> None:
    """Capital TRUE and a status in a bulk file are read, and told once."""
    reading = open_oneroster(export_11("u1,active,2026-01-01,TRUE,s1,Student,a,,Ann,Smith,,S001,,,,,07,\n"))
    assert len(people(reading)) == 1
    assert list(reading.warnings) == [
        "enabledUser is written TRUE: read all the same",
        "users.csv is bulk, yet its rows have a status: it is heeded",
    ]


CODES: dict[str, tuple[str, str, str, tuple[str, str], list[str | None]]] = {
    "auto, identifier on every student": ("auto", "", "S1 S2", ("identifier", ""), ["S1", "S2"]),
    "auto, one without identifier": ("auto", "", "S1 -", ("sourcedId", ""), ["u1", "u2"]),
    "auto, and the choice is remembered": ("auto", "identifier", "S1 -", ("identifier", "incomplete"), ["S1", None]),
    "auto, and the other choice is remembered": ("auto", "sourcedId", "S1 S2", ("sourcedId", ""), ["u1", "u2"]),
    "identifier": ("identifier", "", "S1 -", ("identifier", "incomplete"), ["S1", None]),
    "identifier, whatever is remembered": ("identifier", "sourcedId", "S1 S2", ("identifier", ""), ["S1", "S2"]),
    "sourcedId": ("sourcedId", "", "S1 S2", ("sourcedId", ""), ["u1", "u2"]),
}


@pytest.mark.parametrize(("asked", "remembered", "identifiers", "kind", "codes"), CODES.values(), ids=CODES)
def test_which_field_is_the_code(
    open_oneroster: OpenOneRoster,
    people: People,
    asked: str,
    remembered: str,
    identifiers: str,
    kind: tuple[str, str],
    codes: list[str | None],
) -> None:
    """identifier where every student has one, else sourcedId; a choice made stands, and then a blank is rejected."""
    users = "u9,,,true,s1,teacher,t,,Tim,Tan,,,,,,,,\n"
    for number, text in enumerate(identifiers.split(), 1):
        users += f"u{number},,,true,s1,student,a{number},,Ann,Smith,,{text.strip('-')},,,,,07,\n"
    reading = open_oneroster(export_11(users), sis_code_from=asked, code_kind=remembered)
    assert [item.sis_code for item in people(reading)] == codes
    assert (reading.code_kind, "" if reading.complete else "incomplete") == kind


def test_network_login_from_user_ids(open_oneroster: OpenOneRoster, people: People) -> None:
    """An id of the column userIds can be the network login, by its type in any letter case."""
    users = ANN_11 + "u2,,,true,s1,student,btan,{Fed:9},Bea,Tan,,S002,,,,,07,\n"
    reading = open_oneroster(export_11(users), columns={"network_login": ("userIds:ldap",)})
    assert [item.network_login for item in people(reading) if isinstance(item, Student)] == ["ann.smith", ""]


FALLEN_BACK = (
    "the SIS code is read from sourcedId, since identifier {}; the first applied run settles this for good, "
    "so set [sis] sis_code_from first if it is not what you want"
)


@pytest.mark.parametrize(
    ("second", "how", "expected"),
    [
        ("", {}, [FALLEN_BACK.format("is empty on 1 row of 2, first users.csv:3")]),
        ("S002", {}, []),
        ("", {"code_kind": "sourcedId"}, []),
        ("", {"sis_code_from": "sourcedId"}, []),
    ],
    ids=["a blank", "all filled", "settled before", "asked for"],
)
def test_why_the_code_is_a_sourced_id_is_told(
    open_oneroster: OpenOneRoster, second: str, how: dict[str, str], expected: list[str]
) -> None:
    """Falling back from identifier to sourcedId is explained with the first blank, until a run has settled it."""
    users = ANN_11 + f"u2,,,true,s1,student,b,,Bea,Jones,,{second},,,,,07,\n"
    reading = open_oneroster(export_11(users), **how)
    assert [line for line in reading.warnings if "SIS code" in line] == expected


def test_the_code_can_come_from_elsewhere(open_oneroster: OpenOneRoster, people: People) -> None:
    """A column named for the code stands above identifier and sourcedId, and is told as the kind of code."""
    reading = open_oneroster(export_11(ANN_11), columns={"sis_code": ("userIds:Fed",)})
    assert people(reading) == [ANN._replace(sis_code="77")]
    assert reading.code_kind == "userIds:Fed"


def test_the_least_an_export_can_be(open_oneroster: OpenOneRoster, people: People) -> None:
    """Columns that exports leave out are no fault, as long as code, name and role are there."""
    files = {
        "manifest.csv": "propertyName,value\noneroster.version,1.1\nfile.users,bulk\n",
        "users.csv": "sourcedId,role,givenName,familyName\nu1,student,Ann,Smith\n",
    }
    reading = open_oneroster(files)
    assert people(reading) == [Student("u1", "Ann", "Smith", place="users.csv:2")]
    assert list(reading.warnings)[:3] == [
        "manifest.csv says no manifest.version 1.0",
        FALLEN_BACK.format("is no column of users.csv"),
        "users.csv has no column for status or leaving: every row counts as an active student",
    ]
    assert {"enabled", "campus", "network_login"} < set(reading.columns.absent)


def test_columns_beyond_the_standard(open_oneroster: OpenOneRoster, people: People) -> None:
    """A metadata column can be a field or a column for the mapping; other further columns are told."""
    files = export_11("")
    files["users.csv"] = USERS_11.strip() + ",metadata.home,metadata.bus,ext_x\n" + ANN_11.strip() + ",7B,12,y\n"
    reading = open_oneroster(files, columns={"homegroup": ("metadata.home",)}, extra_columns=("metadata.bus",))
    assert people(reading) == [ANN._replace(homegroup="7B", columns={"metadata.bus": "12"})]
    assert list(reading.warnings) == ["nothing reads these columns of users.csv: ext_x"]


def test_classes(open_oneroster: OpenOneRoster, people: People) -> None:
    """Classes are the codes of current enrolments as student; a class without a code goes by its id."""
    enrollments = ENROLLMENTS + (
        "e1,,,c1,s1,u1,student,,2026-01-27,2026-06-26\n"
        "e2,,,c2,s1,u1,student,,,\n"
        "e3,,,c3,s1,u1,student,,2025-01-27,2025-06-26\n"
        "e4,,,c4,s1,u1,teacher,,,\n"
        "e5,tobedeleted,,c5,s1,u1,student,,,\n"
        "e6,,,c6,s1,u1,student,,,\n"
    )
    classes = CLASSES + "c1,,,Maths,07,k1,7MA1,scheduled,,s1,t1,,,\nc2,,,Art,07,k1,,scheduled,,s1,t1,,,\n"
    files = export_11(ANN_11, enrollments=enrollments, classes=classes)
    assert people(open_oneroster(files)) == [ANN._replace(classes=frozenset({"7MA1", "c2", "c6"}))]
    assert people(open_oneroster(export_11(ANN_11, enrollments=enrollments), zipped=True)) == [
        ANN._replace(classes=frozenset({"c1", "c2", "c6"}))
    ]


CAMPUSES = {
    "schools only, in their order": ('"d1,s2,s1"', ("Junior School", "Senior School")),
    "a district alone is no campus": ("d1", ()),
    "an unknown id stands for itself": ('"s9, s1"', ("s9", "Senior School")),
    "nothing": ("", ()),
}


@pytest.mark.parametrize(("orgs", "expected"), CAMPUSES.values(), ids=CAMPUSES)
def test_campuses(open_oneroster: OpenOneRoster, people: People, orgs: str, expected: tuple[str, ...]) -> None:
    """The campuses of a student are the names of the schools among the organisations."""
    (student,) = people(open_oneroster(export_11(f"u1,,,true,{orgs},student,a,,Ann,Smith,,S001,,,,,07,\n")))
    assert isinstance(student, Student)
    assert student.campuses == expected


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_without_orgs_the_ids_stand(open_oneroster: OpenOneRoster, people: People, version: str) -> None:
    """An export without orgs.csv gives the ids of the organisations."""
    files = export_11(ANN_11) if version == "1.1" else export_12(ANN_12, IN_BOTH)
    del files["orgs.csv"]
    files["manifest.csv"] = files["manifest.csv"].replace("file.orgs,bulk", "file.orgs,absent")
    (student,) = people(open_oneroster(files))
    assert isinstance(student, Student)
    assert student.campuses == (("d1", "s2", "s1") if version == "1.1" else ("s1", "s2"))


ROLE_ROWS: dict[str, tuple[str, tuple[Status, tuple[str, ...]] | None]] = {
    "a teacher only": ("r1,,,u1,primary,teacher,,,s1,\n", None),
    "no row at all": ("r1,,,u9,primary,student,,,s1,\n", None),
    "a teacher who is a student too": (
        "r1,,,u1,primary,teacher,,,s1,\nr2,,,u1,secondary,student,,,s2,\n",
        (Status.ACTIVE, ("Junior School",)),
    ),
    "over": ("r1,,,u1,primary,student,2024-01-27,2025-12-11,s1,\n", (Status.LEFT, ("Senior School",))),
    "to come": ("r1,,,u1,primary,student,2026-07-13,,s1,\n", (Status.FUTURE, ("Senior School",))),
    "moved from one school to the other": (
        "r1,,,u1,primary,student,,2026-02-01,s1,\nr2,,,u1,primary,student,2026-02-02,,s2,\n",
        (Status.ACTIVE, ("Junior School",)),
    ),
    "deleted": ("r1,tobedeleted,,u1,primary,student,,,s1,\n", (Status.LEFT, ("Senior School",))),
    "deleted here, not there": (
        "r1,tobedeleted,,u1,primary,student,,,s1,\nr2,active,,u1,primary,student,,,s2,\n",
        (Status.ACTIVE, ("Junior School",)),
    ),
    "a time of day with its zone": (
        "r1,,,u1,primary,student,2025-01-27T00:00:00+10:00,2025-12-11T00:00:00.000+1000,s1,\n",
        (Status.LEFT, ("Senior School",)),
    ),
    "a time of day in the dates": (
        "r1,,,u1,primary,student,2025-01-27T00:00:00.000Z,2025-12-11T00:00:00.000Z,s1,\n",
        (Status.LEFT, ("Senior School",)),
    ),
}


@pytest.mark.parametrize(("roles", "expected"), ROLE_ROWS.values(), ids=ROLE_ROWS)
def test_roles(
    open_oneroster: OpenOneRoster, people: People, roles: str, expected: tuple[Status, tuple[str, ...]] | None
) -> None:
    """A student is who has a role row as one; its days and its deletion say whether left or yet to come."""
    users = "u1,,,true,asmith,,Ann,Smith,,S001,,,,,07,,,,,,,\n"
    found = [item for item in people(open_oneroster(export_12(users, roles))) if isinstance(item, Student)]
    assert [(student.status, student.campuses) for student in found] == ([] if expected is None else [expected])


def test_role_dates_can_be_left_aside(open_oneroster: OpenOneRoster, people: People) -> None:
    """With ignore_role_dates a role that is over still makes a student who is here."""
    roles = "r1,,,u1,primary,student,2024-01-27,2025-12-11,s1,\n"
    (student,) = people(open_oneroster(export_12(ANN_12, roles), ignore_role_dates=True))
    assert isinstance(student, Student)
    assert (student.status, student.exit_date) == (Status.ACTIVE, None)


def test_roles_that_are_all_over_are_told(open_oneroster: OpenOneRoster) -> None:
    """Where no role covers the day, the read says which settings bear on that."""
    roles = "r1,,,u1,primary,student,2024-01-27,2025-12-11,s1,\nr2,,,u2,primary,teacher,,,s1,\n"
    line = "no row of roles.csv covers 2026-03-02: all are over or to come; see [sis] as_of and ignore_role_dates"
    assert line in open_oneroster(export_12(ANN_12, roles)).warnings
    assert line not in open_oneroster(export_12(ANN_12, roles), as_of=date(2025, 3, 2)).warnings
    assert line not in open_oneroster(export_12(ANN_12, roles), ignore_role_dates=True).warnings
    assert not any("covers" in line for line in open_oneroster(export_12("", "")).warnings)


def test_the_day_is_in_the_row_where_it_matters(open_oneroster: OpenOneRoster) -> None:
    """When a role begins or ends, the packed row is another; on other days it is the same."""
    files = export_12(ANN_12, "r1,,,u1,primary,student,,2026-03-31,s1,\nr2,,,u1,primary,student,2026-04-01,,s2,\n")
    rows = [list(open_oneroster(files, as_of=date(2026, 3, day)).rows()) for day in (1, 31)]
    after = list(open_oneroster(files, as_of=date(2026, 4, 1)).rows())
    assert rows[0] == rows[1] != after


def test_delta(open_oneroster: OpenOneRoster, people: People) -> None:
    """A delta tells changes: no absences, deleted users without a role row, and nobody whose role is not told."""
    users = (
        "u1,active,2026-03-01T00:00:00.000Z,true,asmith,,Ann,Smith,,S001,,,,,07,,,,,,s1,\n"
        "u2,tobedeleted,2026-03-01T00:00:00.000Z,,,,,,,S002,,,,,,,,,,,,\n"
        "u3,active,2026-03-01T00:00:00.000Z,true,ctan,,Cy,Tan,,S003,,,,,07,,,,,,s1,\n"
    )
    reading = open_oneroster(export_12(users, "r1,active,,u1,primary,student,,,s1,\n", mode="delta"))
    assert [(item.sis_code, item.status) for item in people(reading) if isinstance(item, Student)] == [
        ("S001", Status.ACTIVE),
        ("S002", Status.LEFT),
    ]
    assert reading.delta
    assert not reading.complete
    assert reading.findings == ()
    assert reading.source == "OneRoster 1.2 (delta), export"
    assert list(reading.warnings) == ["not in roles.csv, so no students: 2 rows"]


@pytest.mark.parametrize(("users", "roles"), [("bulk", "delta"), ("delta", "bulk")])
def test_mixed_modes_never_imply_absence(
    open_oneroster: OpenOneRoster, people: People, users: str, roles: str
) -> None:
    """Where users or their roles are told as changes only, absence means nothing."""
    files = export_12(ANN_12, IN_BOTH)
    files["manifest.csv"] = manifest("1.2", users=users, roles=roles, orgs="bulk")
    reading = open_oneroster(files)
    people(reading)
    assert reading.delta
    assert not reading.complete


def test_mode_says_what_a_bulk_export_is(open_oneroster: OpenOneRoster, people: People) -> None:
    """[sis] mode can make less of an export, never more."""
    assert open_oneroster(export_11(ANN_11), mode="delta").delta
    reading = open_oneroster(export_12(ANN_12, IN_BOTH, mode="delta"), mode="bulk")
    people(reading)
    assert reading.delta
    assert "manifest.csv says delta, which stands above [sis] mode" in reading.warnings


def test_a_line_break_in_a_cell_is_a_rejected_row(open_oneroster: OpenOneRoster, people: People) -> None:
    """The standard knows no line breaks inside a field; the row is rejected with its code."""
    users = 'u1,,,true,s1,student,a,,"Ann\nMay",Smith,,S001,,,,,07,\n' + ANN_11.replace("S001", "S002")
    first, second = people(open_oneroster(export_11(users), sis_code_from="sourcedId"))
    assert first == Reject(
        "users.csv:2", "has a line break inside a cell; correct it in the SIS and export again", "u1"
    )
    assert isinstance(second, Student)
    assert second.place == "users.csv:4"


def test_misspelt_headers_of_the_standard_are_told(open_oneroster: OpenOneRoster, people: People) -> None:
    """A header that looks like one of the standard is not read, and that is said."""
    files = export_12(ANN_12, IN_BOTH)
    files["users.csv"] = files["users.csv"].replace("preferredGivenName", "prefferedGivenName")
    reading = open_oneroster(files)
    (student,) = people(reading)
    assert isinstance(student, Student)
    assert student.preferred_given == ""
    assert 'users.csv: "prefferedGivenName" is not read; "preferredGivenName" (preferred_name) may be meant' in (
        reading.warnings
    )


def test_without_a_manifest_it_is_read_as_changes(open_oneroster: OpenOneRoster, people: People) -> None:
    """Nothing says then that the export is whole, unless the school does."""
    files = export_11(ANN_11)
    del files["manifest.csv"]
    reading = open_oneroster(files)
    assert people(reading) == [ANN]
    assert (reading.delta, reading.complete) == (True, False)
    assert list(reading.warnings) == [
        "there is no manifest.csv: read as OneRoster 1.1",
        'read as changes only, since nothing says that it is whole; set [sis] mode = "bulk" if it is',
    ]
    whole = open_oneroster(files, mode="bulk")
    people(whole)
    assert whole.complete


def test_1_2_with_the_role_in_users(open_oneroster: OpenOneRoster, people: People) -> None:
    """An export that says 1.2 but has the role in users.csv and no roles.csv is read by that."""
    files = export_11(ANN_11)
    files["manifest.csv"] = manifest("1.2", users="bulk", orgs="bulk")
    assert people(open_oneroster(files)) == [ANN]


def test_header_only_is_an_empty_whole_read(open_oneroster: OpenOneRoster, people: People) -> None:
    """No user at all is an empty read, which the guard judges."""
    reading = open_oneroster(export_11(""))
    assert people(reading) == []
    assert reading.complete


def test_a_byte_order_mark_is_tolerated(open_oneroster: OpenOneRoster, people: People) -> None:
    """Every file may begin with one."""
    files = {name: "\ufeff" + text for name, text in export_11(ANN_11).items()}
    assert people(open_oneroster(files)) == [ANN]


def test_letter_case_of_headers_is_told(open_oneroster: OpenOneRoster, people: People) -> None:
    """A header in other letter case is read, the marks of deletion among them, and told."""
    users = "u1,ToBeDeleted,,true,asmith,,Ann,Smith,,S001,,,,,07,,,,,,,\n"
    files = export_12(users, IN_BOTH)
    files["users.csv"] = files["users.csv"].replace(",status,", ",Status,").replace("identifier", "Identifier")
    files["roles.csv"] = files["roles.csv"].replace("endDate", "EndDate")
    reading = open_oneroster(files)
    (student,) = people(reading)
    assert isinstance(student, Student)
    assert (student.sis_code, student.status) == ("S001", Status.LEFT)
    assert list(reading.warnings)[:3] == [
        'users.csv: "Status" is read as "status"',
        'users.csv: "Identifier" is read as "identifier"',
        'roles.csv: "EndDate" is read as "endDate"',
    ]


def test_classes_need_not_be_read(open_oneroster: OpenOneRoster, people: People) -> None:
    """Without a wish for classes neither enrolments nor classes are read, whatever is wrong with them."""
    files = export_11(ANN_11, enrollments=ENROLLMENTS + "e1\n", classes=CLASSES + "c1\n")
    reading = open_oneroster(files, columns={"classes": ()})
    assert people(reading) == [ANN]
    assert list(reading.warnings) == []


def test_letter_case_of_file_names_is_told(open_oneroster: OpenOneRoster, people: People) -> None:
    """A file spelt in other letter case is read and told."""
    files = export_11(ANN_11)
    files["Users.csv"] = files.pop("users.csv")
    reading = open_oneroster(files)
    assert len(people(reading)) == 1
    assert list(reading.warnings) == ["Users.csv is read as users.csv"]


def test_a_file_the_manifest_does_not_count_is_not_read(open_oneroster: OpenOneRoster, people: People) -> None:
    """A file that is there but absent, blank or missing in the manifest is passed over and told."""
    files = export_11(ANN_11, enrollments=ENROLLMENTS + "e1,,,c1,s1,u1,student,,,\n", demographics="x\n")
    files["manifest.csv"] = manifest("1.1", users="bulk", orgs="bulk", enrollments="absent", classes="")
    reading = open_oneroster(files)
    assert people(reading) == [ANN]
    assert list(reading.warnings) == [
        "manifest.csv says nothing for file.classes: taken as absent",
        "demographics.csv is there, but not in manifest.csv: not read",
        "enrollments.csv is there, but not in manifest.csv: not read",
    ]


def test_a_later_edition_of_the_version(open_oneroster: OpenOneRoster, people: People) -> None:
    """1.2.1 is read as 1.2, and told."""
    files = export_12(ANN_12, IN_BOTH)
    files["manifest.csv"] = files["manifest.csv"].replace("oneroster.version,1.2", "oneroster.version,1.2.1")
    reading = open_oneroster(files)
    assert len(people(reading)) == 1
    assert list(reading.warnings) == ["manifest.csv says OneRoster 1.2.1: read as 1.2"]


def test_a_folder_around_the_folder(tmp_path: Path) -> None:
    """A folder that holds nothing but the export's folder is passed over with a warning."""
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    for name, text in export_11(ANN_11).items():
        (inner / name).write_text(text)
    sis = SisSettings(reader="oneroster", path=tmp_path / "outer")
    reading = oneroster_source(sis, SchoolSettings()).open(date(2026, 3, 2))
    assert len(list(reading.rows())) == 1
    assert "outer holds only the folder inner: that one is read" in reading.warnings


def test_a_zip_that_changes_while_it_is_read_is_refused(tmp_path: Path, open_oneroster: OpenOneRoster) -> None:
    """The zip itself is watched."""
    rows = open_oneroster(export_11(ANN_11 * 2), zipped=True).rows()
    next(rows)
    with (tmp_path / "export.zip").open("ab") as file:
        file.write(b"x")
    with pytest.raises(SourceError, match=r"^export.zip changed while it was read"):
        list(rows)


def _without(files: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: text for key, text in files.items() if key != name}


GOOD_11, GOOD_12 = export_11(ANN_11), export_12(ANN_12, IN_BOTH)
FAULTS: dict[str, tuple[dict[str, str], dict[str, Any], type[ConnectorError], str]] = {
    "a file that the manifest names and that is missing": (
        _without(GOOD_11, "orgs.csv"),
        {},
        SourceError,
        "manifest.csv names orgs.csv as bulk, and it is not there",
    ),
    "no users at all": (
        GOOD_11 | {"manifest.csv": manifest("1.1", users="absent", orgs="bulk")},
        {},
        SourceError,
        "manifest.csv says that there is no users.csv",
    ),
    "neither manifest nor users": (
        {"students.csv": "x\n"},
        {},
        SourceError,
        "there is no users.csv and no manifest.csv",
    ),
    "another version": (
        GOOD_11 | {"manifest.csv": manifest("2.0", users="bulk", orgs="bulk")},
        {},
        SourceError,
        'manifest.csv: oneroster.version is "2.0"; 1.1 or 1.2 is wanted',
    ),
    "another mode": (
        GOOD_11 | {"manifest.csv": manifest("1.1", users="full")},
        {},
        SourceError,
        'manifest.csv: file.users is "full"; absent, bulk or delta is wanted',
    ),
    "a manifest that is none": (
        GOOD_11 | {"manifest.csv": "name,what\nx,y\n"},
        {},
        ConfigError,
        (
            'manifest.csv has no column "propertyName" (propertyName), "value" (value); '
            "nothing in its first line is like one"
        ),
    ),
    "1.2 without roles": (
        _without(GOOD_12, "roles.csv") | {"manifest.csv": manifest("1.2", users="bulk", orgs="bulk")},
        {},
        SourceError,
        "nothing says who is a student: there is no roles.csv (1.2) and no column role in users.csv (1.1)",
    ),
    "a column of the standard that is missing": (
        GOOD_11 | {"users.csv": GOOD_11["users.csv"].replace("familyName", "famlyName")},
        {},
        ConfigError,
        'users.csv has no column "familyName" (family_name; did you mean "famlyName"?)',
    ),
    "roles without a user": (
        GOOD_12 | {"roles.csv": GOOD_12["roles.csv"].replace("userSourcedId", "userId")},
        {},
        ConfigError,
        'roles.csv has no column "userSourcedId" (key; did you mean "sourcedId" or "orgSourcedId"?)',
    ),
    "identifier asked for and not there": (
        GOOD_11 | {"users.csv": GOOD_11["users.csv"].replace("identifier", "metadata.id")},
        {"sis_code_from": "identifier"},
        ConfigError,
        "users.csv has no column identifier, which the SIS code is to come from",
    ),
    "ids asked for and no userIds": (
        GOOD_11 | {"users.csv": GOOD_11["users.csv"].replace("userIds", "metadata.ids")},
        {"columns": {"network_login": ("userIds:LDAP",)}},
        ConfigError,
        'users.csv has no column "userIds:LDAP" (network_login)',
    ),
    "the password asked for": (
        GOOD_11,
        {"columns": {"network_login": ("password",)}},
        ConfigError,
        "network_login is mapped to the column of passwords, which is never read",
    ),
    "0 bytes": (GOOD_11 | {"users.csv": ""}, {}, SourceError, "users.csv is empty"),
}


@pytest.mark.parametrize(("files", "words", "kind", "message"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("zipped", [False, True])
def test_faults(
    open_oneroster: OpenOneRoster,
    files: dict[str, str],
    words: dict[str, Any],
    kind: type[ConnectorError],
    message: str,
    zipped: bool,
) -> None:
    """What an export lacks is named before its first row, from folder and zip alike, with the next step."""
    with pytest.raises(kind, match=f"^{re.escape(message)}") as caught:
        open_oneroster(files, zipped=zipped, **words)
    assert caught.value.message == message
    assert caught.value.hint


def test_one_file_of_an_export_is_no_export(tmp_path: Path) -> None:
    """Given users.csv alone, the reader asks for the folder or the zip."""
    path = tmp_path / "users.csv"
    path.write_text(USERS_11 + ANN_11)
    with pytest.raises(SourceError, match=r"^users.csv is one file of an export"):
        oneroster_source(SisSettings(path=path), SchoolSettings()).open(date(2026, 3, 2))


def test_letter_case_in_the_manifest_is_passed_over(open_oneroster: OpenOneRoster, people: People) -> None:
    """Property names and modes in capitals are what they mean."""
    files = export_11(ANN_11)
    files["manifest.csv"] = files["manifest.csv"].replace("file.u", "File.U").replace("bulk", "Bulk")
    assert people(open_oneroster(files)) == [ANN]
