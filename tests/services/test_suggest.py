"""Finding the network's username rules for a school on disk."""

import pytest

from connector.domain.errors import ConfigError, DirectoryError
from connector.services.decision import Request
from connector.services.suggest import suggest_rules
from tests.services.school import AS_OF, School, row, silent

DIRECTORY = '[directory]\nurl = "ldif:d.ldif"\ntype = "active-directory"\nbase = "DC=x"\n'
NAMES = [("Amelia", "Smith"), ("Bodhi", "Nguyen"), ("Chloe", "Papas"), ("Dev", "Patel"), ("Elif", "Demir")]


def _entry(number: int, login: str, key: str) -> str:
    return (
        f"dn: CN=P{number},OU=Students,DC=x\nobjectClass: user\nsAMAccountName: {login}\n"
        f"employeeID: {key}\nuserAccountControl: 512\n\n"
    )


def _school(folder, *, mapping: str = "", more: str = DIRECTORY, **changes: str) -> School:
    """Five students who all sign in by initial and surname."""
    school = School(folder, mapping, more)
    school.write([row(f"S{n}", *name, **changes) for n, name in enumerate(NAMES)])
    _directory(folder, [(f"{given[0]}{family}".lower(), f"S{n}") for n, (given, family) in enumerate(NAMES)])
    return school


def _directory(folder, people) -> None:
    text = "version: 1\n\n" + "".join(_entry(n, *one) for n, one in enumerate(people))
    proof = f"search: 2\nresult: 0 Success\n\n# numResponses: {len(people) + 1}\n# numEntries: {len(people)}\n"
    (folder / "d.ldif").write_text(text + proof, encoding="utf-8")


def _suggested(school: School):
    return suggest_rules(school.built(), Request(AS_OF, attended=True), silent)


def test_the_method_is_found_from_the_files(tmp_path):
    """An export, a directory, and the rules that are configured."""
    found = _suggested(_school(tmp_path))
    best = found.suggestion.candidates[0]
    assert (best.rules.method, best.matched, best.compared) == ("initial_surname", 5, 5)
    assert (found.students, found.shared, found.completeness.complete) == (5, 0, True)
    assert found.suggestion.settled
    assert found.names["S0"] == "Amelia Smith"


def test_who_is_compared(tmp_path):
    """Active students in scope keyed to exactly one live entry that has a login; each code once."""
    scope = '[scope]\nyear_levels = ["7-12"]\n[usernames]\nmethod = "student_code"\n[passwords]\nmethod = "none"\n'
    school = _school(tmp_path, mapping=scope)
    rows = [row(f"S{n}", *name) for n, name in enumerate(NAMES)]
    rows += [
        row("LEFT", "Lee", "Left", status="left"),
        row("OUT", "Ola", "Out", year_level="3"),
        row("TWO", "Tia", "Two"),
        row("NONE", "Nia", "None"),
        row("TWICE", "Uma", "Twice"),
        row("TWICE", "Uma", "Twice"),
    ]
    school.write(rows)
    keyed = [(f"{given[0]}{family}", f" s{n} ") for n, (given, family) in enumerate(NAMES)]
    others = [("lleft", "LEFT"), ("oout", "OUT"), ("ttwo", "TWO"), ("ttwo2", "TWO"), ("utwice", "TWICE")]
    _directory(tmp_path, [*keyed, *others])
    found = _suggested(school)
    assert (found.students, found.shared, found.suggestion.compared) == (7, 1, 5)
    assert found.suggestion.candidates[0].matched == 5


def test_names_that_others_hold_explain_counters(tmp_path):
    """Staff hold names too: a counter behind one of theirs is a collision, not a habit."""
    school = _school(tmp_path)
    logins = [("asmith2", "S0"), ("bnguyen2", "S1"), ("cpapas2", "S2"), ("dpatel2", "S3"), ("edemir2", "S4")]
    _directory(tmp_path, logins)
    assert _suggested(school).suggestion.candidates[0].rules.suffix == "2"
    staff = [(login.rstrip("2"), "") for login, _ in logins]
    _directory(tmp_path, [*logins, *staff])
    assert _suggested(school).suggestion.candidates[0].rules.suffix == ""


def test_nothing_is_written(tmp_path):
    """Neither accounts nor runs."""
    school = _school(tmp_path)
    _suggested(school)
    assert (school.accounts(), school.built().store.runs()) == ({}, [])


def test_without_a_directory_there_is_nothing_to_ask(tmp_path):
    """It is a fault of the configuration, known before anything is read."""
    school = _school(tmp_path, more="")
    (tmp_path / "students.csv").unlink()
    with pytest.raises(ConfigError, match=r"\[directory\] is missing"):
        _suggested(school)


def test_a_directory_that_cannot_be_read_is_a_failure(tmp_path):
    """It is named."""
    school = _school(tmp_path)
    (tmp_path / "d.ldif").unlink()
    with pytest.raises(DirectoryError, match=r"d\.ldif"):
        _suggested(school)


def test_a_directory_that_was_cut_is_told(tmp_path):
    """What was read is still compared."""
    school = _school(tmp_path)
    text = (tmp_path / "d.ldif").read_text()
    (tmp_path / "d.ldif").write_text(text[: text.index("dn: CN=P4") + 30])
    found = _suggested(school)
    assert (found.completeness.complete, found.suggestion.compared) == (False, 4)
