"""The invented school as a whole: reproducible, complete, of any size."""

import csv
import hashlib
from pathlib import Path

import pytest

from connector.demo.school import School, build_school
from connector.domain.account import EXPORT_KEYS
from connector.domain.errors import ConfigError

PRIMARY = {
    "case-differs",
    "fold-differs",
    "whitespace-differs",
    "username-differs",
    "login-belongs-to-another",
    "matched-by-name-only",
    "no-username",
    "missing-in-directory",
    "deleted-in-directory",
}
STATE = {
    "disabled",
    "locked",
    "expired",
    "expires-soon",
    "password-expired",
    "password-not-required",
    "stale-login",
}
OTHERS = {
    "wrong-year-ou",
    "leavers-ou-but-active",
    "mail-differs",
    "upn-differs",
    "key-missing",
    "duplicate-key-in-directory",
    "duplicate-key-in-sis",
    "duplicate-username",
    "login-too-long",
    "login-has-forbidden-characters",
    "proposed-username-collides",
    "orphan-in-directory",
    "left-but-enabled",
}


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _accounts(school: School) -> list[dict[str, str]]:
    with school.accounts.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_same_bytes_for_the_same_numbers(tmp_path: Path) -> None:
    """Built twice, in two folders and over itself, the school is the same to the byte, and so is what it says."""
    one, other = build_school(tmp_path / "a", students=80), build_school(tmp_path / "b", students=80)
    again = build_school(tmp_path / "a", students=80)
    assert _digests(tmp_path / "a") == _digests(tmp_path / "b")
    assert one == again
    assert (one.truth, one.changes, one.skips) == (other.truth, other.changes, other.skips)


def test_another_seed_is_another_school(tmp_path: Path) -> None:
    """The seed decides who is there."""
    build_school(tmp_path / "a", students=80, seed=1)
    build_school(tmp_path / "b", students=80, seed=2)
    one, other = _digests(tmp_path / "a"), _digests(tmp_path / "b")
    assert {name for name in one if one[name] != other[name]} == {
        "oneroster.zip",
        "directory.ldif",
        "accounts.csv",
    }


@pytest.mark.parametrize("seed", range(40))
def test_every_finding_is_there_from_fifty_students_on(tmp_path: Path, seed: int) -> None:
    """The smallest school has every code of the alignment but those of an incomplete read."""
    school = build_school(tmp_path, students=50, seed=seed)
    seeded = {fact.what for fact in school.truth}
    assert seeded >= PRIMARY | STATE | OTHERS
    assert not seeded & {"incomplete-read", "suspicious-shrink", "matched"}


@pytest.mark.parametrize("students", [50, 600, 3000])
def test_the_guard_passes(tmp_path: Path, students: int) -> None:
    """Archives, renames and rejected rows stay under the default limits: five, or per cent of the accounts."""
    school = build_school(tmp_path, students=students)
    live = sum(row["user_type"] == "Student" and row["archived"] == "false" for row in _accounts(school))
    counts = {action: sum(fact.what == action for fact in school.changes) for action in ("archive", "rename")}
    rejects = sum(fact.what in ("rejected-row", "duplicate-sis-code") for fact in school.skips)
    assert counts["archive"] <= max(5, live * 0.1)
    assert counts["rename"] <= max(5, live * 0.05)
    assert rejects <= max(5, students * 0.02)
    assert min(rejects, *counts.values()) > 0


def test_at_most_one_change_or_skip_a_student(tmp_path: Path) -> None:
    """Nobody is told to change twice, or to change and to be skipped."""
    school = build_school(tmp_path, students=600)
    subjects = [fact.subject for fact in school.changes]
    assert len(subjects) == len(set(subjects))
    assert not set(subjects) & {fact.subject for fact in school.skips}


def test_accounts_are_an_export(tmp_path: Path) -> None:
    """The accounts TrackOne has already are a CSV as `accounts export` writes it, each name and code once."""
    school = build_school(tmp_path, students=600)
    rows = _accounts(school)
    names = [row["username"] for row in rows]
    codes = [(row["user_type"], row["sis_code"]) for row in rows if row["sis_code"]]
    assert tuple(rows[0]) == EXPORT_KEYS
    assert len(names) == len(set(names))
    assert len(codes) == len(set(codes))
    assert {row["user_type"] for row in rows} == {"Student", "Staff"}
    assert {row["archived"] for row in rows} == {"true", "false"}


def test_a_teacher_holds_a_name_a_student_would_get(tmp_path: Path) -> None:
    """A staff account stands where a student's first choice is, so the student's login has the middle initial."""
    school = build_school(tmp_path, students=50)
    staff = {row["username"] for row in _accounts(school) if row["user_type"] == "Staff"}
    assert "stailor" in staff
    assert "sAMAccountName: smtailor" in school.directory.read_text("ascii")


@pytest.mark.parametrize("students", [0, 49, 100_001])
def test_refuses_a_size_it_cannot_fill(tmp_path: Path, students: int) -> None:
    """Too small and too large a school is a mistake in the command, and nothing is written."""
    with pytest.raises(ConfigError, match=f"--students {students}: expected 50 to 100000"):
        build_school(tmp_path / "school", students=students)
    assert not (tmp_path / "school").exists()
