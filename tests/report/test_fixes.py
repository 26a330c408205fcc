"""The files with what to change, for the directory's administrator and for an import."""

import csv
from io import StringIO

import pytest

from connector.domain.alignment import Apply, Fix, NewName
from connector.report.fixes import FIX_COLUMNS, fixes_csv, new_names_csv, shown
from connector.report.harmless import uncell

HOME = "OU=Year 7,DC=school"


def fix(attribute: str, old: str = "a", new: str = "b", **other: str) -> Fix:
    """A change that is surely right."""
    return Fix(other.get("dn", "CN=x"), attribute, old, new, Apply.YES, "key-missing", "S1")


def read(lines: object) -> list[dict[str, str]]:
    """The rows of a file."""
    return list(csv.DictReader(StringIO("".join(lines).removeprefix("\ufeff"), newline="")))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "configured", "expected"),
    [
        ("active-directory", {}, ["sAMAccountName", "employeeID", "userPrincipalName", "Enabled", "OU"]),
        ("openldap", {}, ["uid", "employeeNumber", "userPrincipalName", "Enabled", "OU"]),
        (
            "",
            {"key": "extensionAttribute1"},
            ["sAMAccountName", "extensionAttribute1", "userPrincipalName", "Enabled", "OU"],
        ),
    ],
)
def test_the_attributes_are_those_of_the_directory(
    kind: str, configured: dict[str, str], expected: list[str]
) -> None:
    """By the habit of its kind, unless connector.toml names others; a move comes last, since it changes the DN."""
    fixes = [fix("unit", new=HOME), *map(fix, ("login", "key", "upn", "enabled"))]
    assert [row["attribute"] for row in read(fixes_csv(fixes, kind, configured))] == expected


def test_a_line_has_all_that_a_script_needs() -> None:
    """Entry, attribute, old and new value, whether to apply it, and what it puts right."""
    rows = read(fixes_csv([fix("key", "", "0042")], "active-directory", {}))
    assert rows == [
        {
            "dn": "CN=x", "attribute": "employeeID", "old": "", "new": "0042", "apply": "yes", "sis_code": "S1",
            "finding": "key-missing",
        }
    ]  # fmt: skip
    assert tuple(rows[0]) == FIX_COLUMNS


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2", "@SUM(A1)", "CN=a;=b"])
def test_no_value_is_a_formula_and_each_can_be_had_back(text: str) -> None:
    """A value that a spreadsheet would work out has an apostrophe before it, which a script takes off again."""
    row = read(fixes_csv([fix("login", text, "b", dn=text)], "active-directory", {}))[0]
    assert row["old"] != text
    assert uncell(row["old"]) == uncell(row["dn"]) == text
    assert row["apply"] == "yes"


@pytest.mark.parametrize("text", ["a\u200bb", "a\u202eb", "a\nb"])
def test_what_cannot_be_written_as_it_is_is_not_applied_unseen(text: str) -> None:
    """A value with signs that cannot be seen is shown with their names, and for a person to check."""
    assert read(fixes_csv([fix("login", text)], "active-directory", {}))[0]["apply"] == "check"


def test_the_new_usernames_are_a_file_to_import() -> None:
    """A column for the code, one for the username."""
    assert read(new_names_csv([NewName("0042", "old", "new")])) == [{"sis_code": "0042", "username": "new"}]


def test_a_change_in_words() -> None:
    """What it puts right, whose entry, what becomes of which value, and how sure it is."""
    one = shown([fix("login")._replace(apply=Apply.CHOOSE)], {"S1": "Zoë García"})[0]
    assert one[:3] == ("Login carries no SIS code", "S1", "Zoë García")
    assert one[4:] == ("Login", "a", "b", "here or in TrackOne")
