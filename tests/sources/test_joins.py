"""Presets that join the files of a folder: invented files, one question each."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.domain.errors import ConfigError, ConnectorError, SourceError
from connector.domain.student import Reject, Status, Student
from connector.settings.values import SchoolSettings, SisSettings
from connector.sources.csv_file import csv_source
from connector.sources.reading import TableReading

DAY = date(2026, 3, 2)
COLUMNS = {
    "sis_code": ("id",),
    "family_name": ("family",),
    "year_level": ("roles.grade",),
    "campus": ("orgs.name",),
}
ROLES: dict[str, Any] = {
    "name": "roles",
    "file": "roles.csv",
    "key": "user",
    "on": "id",
    "where": {"role": ["student"]},
    "first": {"primary": ["true"]},
    "window": ["begin", "end"],
    "only": True,
}
ORGS: dict[str, Any] = {"name": "orgs", "file": ["orgs.csv"], "key": "id", "on": "roles.org"}
USERS = "id,family\nu1,Smith\nu2,Nguyen\nu3,Jones\n"
SCHOOLS = "id,name\no1,Senior\no2,Junior\n"


def read(folder: Path, files: Mapping[str, str], **words: Any) -> TableReading:
    """Begin to read a folder of users, roles and orgs."""
    for name, text in files.items():
        (folder / name).write_text(text)
    options = {"folder": {"main": ["users.csv"]}, "join": words.pop("join", [ROLES, ORGS])}
    words.setdefault("columns", COLUMNS)
    sis = SisSettings(path=folder, preset="invented", preset_options=options, **words)
    return csv_source(sis, SchoolSettings()).open(words.pop("as_of", DAY))


def students(reading: TableReading) -> list[Student]:
    """Every row, all of which are Students."""
    found = [reading.student(row) for row in reading.rows()]
    assert all(isinstance(item, Student) for item in found)
    return [item for item in found if isinstance(item, Student)]


def test_a_join_says_who_is_a_student_and_where(tmp_path: Path) -> None:
    """A student is who has a row that counts; its values are there as if they stood in the main file."""
    roles = "user,role,grade,org,primary\nu1,student,7,o1,\nu2,teacher,,o1,\nu9,student,8,o2,\n"
    reading = read(tmp_path, {"users.csv": USERS, "roles.csv": roles, "orgs.csv": SCHOOLS})
    assert [(s.sis_code, s.year_level, s.campuses) for s in students(reading)] == [("u1", "7", ("Senior",))]
    assert "not in roles.csv, so no students: 1 row" in reading.warnings
    assert reading.complete


def test_several_rows_of_one_person(tmp_path: Path) -> None:
    """All rows give their campus, the primary one first; a field of one value takes that of the first."""
    roles = (
        "user,role,grade,org,primary\nu1,student,8,o2,FALSE\nu1,student,7,o1,TRUE\nu1,student,7,o2,\n"
        "u1,parent,,o2,TRUE\n"
    )
    (student,) = students(read(tmp_path, {"users.csv": USERS, "roles.csv": roles, "orgs.csv": SCHOOLS}))
    assert student.campuses == ("Senior", "Junior")
    assert student.year_level == "7"


WINDOWS = {
    "the row that covers the day": (
        "u1,student,6,o2,,2025-01-28,2025-12-12\nu1,student,7,o1,,2026-01-27,2026-12-11\n",
        (Status.ACTIVE, "7", ("Senior",), date(2026, 1, 27), date(2026, 12, 11)),
    ),
    "open ends cover everything": (
        "u1,student,7,o1,,,\n",
        (Status.ACTIVE, "7", ("Senior",), None, None),
    ),
    "the last day still covers": (
        "u1,student,7,o1,,2026-01-27,2026-03-02\n",
        (Status.ACTIVE, "7", ("Senior",), date(2026, 1, 27), date(2026, 3, 2)),
    ),
    "only rows that are over: the latest": (
        "u1,student,5,o2,,2024-01-28,2024-12-12\nu1,student,6,o1,,2025-01-28,2025-12-12\n",
        (Status.LEFT, "6", ("Senior", "Junior"), date(2025, 1, 28), date(2025, 12, 12)),
    ),
    "only rows to come: the nearest": (
        "u1,student,8,o2,,2027-01-28,2027-12-12\nu1,student,7,o1,,2026-04-20,2026-12-12\n",
        (Status.FUTURE, "7", ("Senior", "Junior"), date(2026, 4, 20), date(2026, 12, 12)),
    ),
    "one over and one to come: the one to come": (
        "u1,student,6,o2,,2025-01-28,2025-12-12\nu1,student,7,o1,,2026-04-20,\n",
        (Status.FUTURE, "7", ("Senior",), date(2026, 4, 20), None),
    ),
}


@pytest.mark.parametrize(("rows", "expected"), WINDOWS.values(), ids=WINDOWS)
def test_windows(tmp_path: Path, rows: str, expected: tuple[Any, ...]) -> None:
    """The rows whose days cover the day count; where none does, the nearest says whether left or future."""
    roles = "user,role,grade,org,primary,begin,end\n" + rows
    (student,) = students(read(tmp_path, {"users.csv": USERS, "roles.csv": roles, "orgs.csv": SCHOOLS}))
    assert (student.status, student.year_level, student.campuses, student.entry_date, student.exit_date) == expected


def test_windows_can_be_left_aside(tmp_path: Path) -> None:
    """With ignore_role_dates rows that are over count like any other, and no date is taken from them."""
    roles = "user,role,grade,org,primary,begin,end\nu1,student,6,o2,,2025-01-28,2025-12-12\n"
    files = {"users.csv": USERS, "roles.csv": roles, "orgs.csv": SCHOOLS}
    (student,) = students(read(tmp_path, files, ignore_role_dates=True))
    assert (student.status, student.exit_date) == (Status.ACTIVE, None)


def test_a_date_of_a_window_that_cannot_be_read(tmp_path: Path) -> None:
    """Such a date is told and rejects the row it belongs to; where nothing asks for it, it counts as open."""
    roles = "user,role,grade,org,primary,begin,end\nu1,student,6,o2,,,31/12/25\n"
    files = {"users.csv": USERS, "roles.csv": roles, "orgs.csv": SCHOOLS}
    reading = read(tmp_path, files)
    (reject,) = [reading.student(row) for row in reading.rows()]
    assert isinstance(reject, Reject)
    assert reject.sis_code == "u1"
    assert 'dates of roles.csv like "31/12/25" fit none of date_formats: taken as open' in reading.warnings
    (student,) = students(read(tmp_path, files, columns=COLUMNS | {"exit_date": ()}))
    assert student.status is Status.ACTIVE


def test_several_keys_in_one_cell(tmp_path: Path) -> None:
    """A cell may hold several keys; what no row has is left out."""
    users = 'id,family,orgs\nu1,Smith,"o2, o1,o9"\nu2,Nguyen,\n'
    join = [{"name": "orgs", "file": "orgs.csv", "key": "id", "on": "orgs", "split": ","}]
    columns = {"sis_code": ("id",), "family_name": ("family",), "campus": ("orgs.name",)}
    reading = read(tmp_path, {"users.csv": users, "orgs.csv": SCHOOLS}, join=join, columns=columns)
    assert [student.campuses for student in students(reading)] == [("Junior", "Senior"), ()]


def test_an_optional_file_may_be_missing(tmp_path: Path) -> None:
    """A join that is not required leaves its fields empty where its file is missing."""
    join = [{"name": "orgs", "file": "orgs.csv", "key": "id", "on": "id", "required": False}]
    options = {"folder": {"main": "users.csv"}, "join": join, "optional": {"campus": ["orgs.name"]}}
    (tmp_path / "users.csv").write_text(USERS)
    (tmp_path / "more.csv").write_text("x\n")
    sis = SisSettings(
        path=tmp_path, columns={"sis_code": ("id",), "family_name": ("family",)}, preset_options=options
    )
    reading = csv_source(sis, SchoolSettings()).open(DAY)
    assert [student.campuses for student in students(reading)] == [(), (), ()]
    assert "users.csv has no column for campus: left empty" in reading.warnings


def test_a_file_that_nobody_asks_for_is_not_read(tmp_path: Path) -> None:
    """A joined file of which no column is wanted costs nothing, and its faults disturb nobody."""
    columns = {"sis_code": ("id",), "family_name": ("family",), "year_level": ("roles.grade",)}
    roles = "user,role,grade,org,primary\nu1,student,7,o1,\n"
    files = {"users.csv": USERS, "roles.csv": roles, "orgs.csv": SCHOOLS + "o3\n"}
    reading = read(tmp_path, files, columns=columns)
    assert [student.year_level for student in students(reading)] == ["7"]
    assert reading.complete
    assert not any("orgs.csv" in line for line in reading.warnings)


def test_only_rows_that_fit_are_students(tmp_path: Path) -> None:
    """With `where` the rows of other people in the main file are passed over."""
    path = tmp_path / "people.csv"
    path.write_text("id,family,role\nu1,Smith,Student\nu2,Nguyen,teacher\n,,teacher\n")
    sis = SisSettings(
        path=path,
        columns={"sis_code": ("id",), "family_name": ("family",)},
        preset_options={"where": {"role": ["student"]}},
    )
    reading = csv_source(sis, SchoolSettings()).open(DAY)
    assert [student.sis_code for student in students(reading)] == ["u1"]
    assert reading.complete, "a row of somebody else needs no code"


def test_a_lost_row_of_a_file_that_decides_makes_the_read_incomplete(tmp_path: Path) -> None:
    """Where a row that may make a student was lost, absence means nothing."""
    roles = "user,role,grade,org,primary\nu1,student,7,o1,\nu2,student,8\n"
    reading = read(tmp_path, {"users.csv": USERS, "roles.csv": roles, "orgs.csv": SCHOOLS})
    assert len(students(reading)) == 1
    assert not reading.complete
    assert [finding.detail for finding in reading.findings] == ["rows of roles.csv were lost"]
    assert "left out of roles.csv: 1 row, first roles.csv:3: has 3 cells where the header has 5" in reading.warnings


def test_the_joined_values_are_in_the_row(tmp_path: Path) -> None:
    """A change in a joined file changes the packed row, so that nothing passes for unchanged."""
    roles = "user,role,grade,org,primary\nu1,student,7,o1,\n"
    files = {"users.csv": USERS, "roles.csv": roles, "orgs.csv": SCHOOLS}
    before = list(read(tmp_path, files).rows())
    after = list(read(tmp_path, files | {"orgs.csv": SCHOOLS.replace("Senior", "High")}).rows())
    assert before != after
    assert [row.replace("Senior", "High") for row in before] == after


def test_any_file_of_the_folder_that_changes_ends_the_read(tmp_path: Path) -> None:
    """The joined files are watched like the main one."""
    roles = "user,role,grade,org,primary\nu1,student,7,o1,\n"
    rows = read(tmp_path, {"users.csv": USERS, "roles.csv": roles, "orgs.csv": SCHOOLS}).rows()
    next(rows)
    (tmp_path / "orgs.csv").write_text(SCHOOLS + "o3,New\n")
    with pytest.raises(SourceError, match=r"^orgs.csv changed while it was read"):
        list(rows)


FAULTS: dict[str, tuple[dict[str, str], dict[str, Any], type[ConnectorError], str]] = {
    "no main file": ({"roles.csv": "user\n"}, {}, SourceError, "holds no users.csv"),
    "no joined file": (
        {"users.csv": USERS, "roles.csv": "user,role,grade,org\n"},
        {},
        SourceError,
        "there is no orgs.csv beside the main file",
    ),
    "no key in a joined file": (
        {"users.csv": USERS, "roles.csv": "usr,role,grade,org\n", "orgs.csv": SCHOOLS},
        {},
        ConfigError,
        'roles.csv has no column "user" (key; did you mean "usr"?)',
    ),
    "no column that is asked for": (
        {"users.csv": USERS, "roles.csv": "user,role,org\n", "orgs.csv": SCHOOLS},
        {},
        ConfigError,
        'users.csv has no column "roles.grade" (year_level; did you mean "roles.role" or "roles.org"?)',
    ),
    "a join without a name": (
        {"users.csv": USERS},
        {"join": [{"file": "x.csv"}]},
        ConfigError,
        'preset "invented": join 1: name must be a text',
    ),
    "a join without a key": (
        {"users.csv": USERS},
        {"join": [{"name": "orgs", "file": "x.csv", "on": "id"}]},
        ConfigError,
        'preset "invented": join orgs: key must be given',
    ),
    "a join with an unknown word": (
        {"users.csv": USERS},
        {"join": [ORGS | {"onn": "id"}]},
        ConfigError,
        "onn must be one of file, first, key, name, on, only, required, split, where, window",
    ),
    "a window of one day": (
        {"users.csv": USERS},
        {"join": [ORGS | {"window": ["begin"]}]},
        ConfigError,
        'preset "invented": join orgs: window must be two headers, of the first day and of the last',
    ),
    "a flag that is a text": (
        {"users.csv": USERS},
        {"join": [ORGS | {"only": "yes"}]},
        ConfigError,
        'preset "invented": join orgs: only must be true or false',
    ),
    "a name that is a list": (
        {"users.csv": USERS},
        {"join": [ORGS | {"split": [","]}]},
        ConfigError,
        'preset "invented": join orgs: split must be a text',
    ),
    "a key that is a number": (
        {"users.csv": USERS},
        {"join": [ORGS | {"key": 1}]},
        ConfigError,
        'preset "invented": join orgs: key must be a text or a list of texts',
    ),
    "words that are no table": (
        {"users.csv": USERS},
        {"join": [ORGS | {"where": ["student"]}]},
        ConfigError,
        'preset "invented": join orgs: where must be a table',
    ),
    "joins that are no list": (
        {"users.csv": USERS},
        {"join": {"name": "orgs"}},
        ConfigError,
        'preset "invented": join must be a list of tables, each under [[join]]',
    ),
}


@pytest.mark.parametrize(("files", "words", "kind", "message"), FAULTS.values(), ids=FAULTS)
def test_faults(
    tmp_path: Path, files: dict[str, str], words: dict[str, Any], kind: type[ConnectorError], message: str
) -> None:
    """What a folder or a preset lacks is named, with the next step."""
    with pytest.raises(kind) as caught:
        read(tmp_path, files, **words)
    assert caught.value.message.endswith(message)
    assert caught.value.hint


def test_a_preset_for_folders_needs_the_folder(tmp_path: Path) -> None:
    """Given one file, a preset that must join others says so."""
    (tmp_path / "users.csv").write_text(USERS)
    options = {"folder": {"main": "users.csv"}, "join": [ROLES]}
    sis = SisSettings(path=tmp_path / "users.csv", columns=COLUMNS, preset_options=options)
    with pytest.raises(SourceError, match=r"^there is no roles.csv beside the main file"):
        csv_source(sis, SchoolSettings()).open(DAY)
