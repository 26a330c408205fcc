"""`trackone suggest`: the method found, shown and written."""

import json
import stat
import tomllib

import pytest

from tests.cli.command import trackone
from tests.planning.network import Habit, logins, people
from tests.services.school import School, row

DIRECTORY = '[directory]\nurl = "ldif:directory.ldif"\nbase = "DC=school,DC=example"\ntype = "active-directory"\n'
RULES = """# Our rules.
[usernames]
method = "student_code"      # until we know
#case = "lower"
collision = ["middle_initial", "counter"]

[passwords]
method = "none"

[[example]]
given = { sis_code = "S1", given_names = "Amelia", family_name = "Smith", year_level = "7" }
expect = { username = "S1" }
"""
PEOPLE = people(60, 3)


def _school(folder, given: dict[str, str], mapping: str = RULES) -> School:
    """A school of these logins."""
    school = School(folder, mapping, DIRECTORY)
    school.write(
        row(
            one.sis_code,
            one.legal_given,
            one.legal_family,
            middle_name=one.middle,
            preferred_name=one.preferred_given,
            year_level=one.year_level,
            email=one.email,
        )
        for one in PEOPLE
    )
    entries = "".join(
        f"dn: CN={code},DC=school,DC=example\nobjectClass: user\nsAMAccountName: {login}\nemployeeID: {code}\n"
        "userAccountControl: 512\n\n"
        for code, login in given.items()
    )
    proof = f"search: 2\nresult: 0 Success\n\n# numResponses: {len(given) + 1}\n# numEntries: {len(given)}\n"
    (folder / "directory.ldif").write_text(f"version: 1\n\n{entries}{proof}")
    return school


@pytest.fixture
def school(tmp_path):
    """Everybody signs in by initial and surname."""
    return _school(tmp_path, logins(PEOPLE, Habit("initial_surname")))


def _mixed() -> dict[str, str]:
    new = [one for one in PEOPLE if one.cohort >= 2031]
    old = [one for one in PEOPLE if one.cohort < 2031]
    return logins(new, Habit("given_dot_surname")) | logins(old, Habit("initial_surname"))


def test_the_report_says_which_method_it_is(school):
    """A sentence first, the next command last; nothing is written."""
    before = sorted(school.folder.rglob("*.toml"))
    answer = trackone("suggest", folder=school.folder)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines()[0] == "Initial + surname: 100% of 60 network logins."
    assert answer.out.splitlines()[-1] == "Write it into students.toml: trackone suggest --write"
    assert (school.folder / "students.toml").read_text() == RULES
    assert sorted(school.folder.rglob("*.toml")) == before


def test_json_is_one_document(school):
    """For programs: nothing else on standard output, also when something is written."""
    for words in (("suggest",), ("suggest", "--write")):
        answer = trackone(*words, "--format", "json", folder=school.folder)
        assert (answer.code, answer.err) == (0, "")
        best = json.loads(answer.out)["candidates"][0]
        assert (best["method"], best["rate"], best["exceptions"]) == ("initial_surname", 1.0, [])
    assert 'method = "initial_surname"' in (school.folder / "students.toml").read_text()


def test_write_changes_the_keys_and_keeps_the_copy(school):
    """It says what was written, where the copy is, and which example now expects something else."""
    answer = trackone("suggest", "--write", folder=school.folder)
    assert (answer.code, answer.err) == (0, "")
    mapping = school.folder / "students.toml"
    assert mapping.read_text() == RULES.replace('"student_code"', '"initial_surname"')
    (copy,) = (school.folder / ".history").iterdir()
    assert (copy.read_text(), stat.S_IMODE(copy.stat().st_mode)) == (RULES, 0o600)
    assert 'method = "initial_surname"' in answer.out
    assert f".history/{copy.name}" in answer.out
    assert "something else in example 1" in answer.out
    assert answer.out.splitlines()[-1] == "What changes: trackone check && trackone plan"


def test_written_twice_is_written_once(school):
    """The second time the file says it already."""
    trackone("suggest", "--write", folder=school.folder)
    written = (school.folder / "students.toml").read_bytes()
    answer = trackone("suggest", "--write", folder=school.folder)
    assert answer.code == 0
    assert "nothing to write" in answer.out.splitlines()[-1]
    assert (school.folder / "students.toml").read_bytes() == written
    assert len(list((school.folder / ".history").iterdir())) == 1


def test_what_is_written_gives_the_logins(school):
    """The accounts of the next sync have the network's logins as usernames."""
    trackone("suggest", "--write", folder=school.folder)
    assert trackone("sync", "--accept", "mapping-changed", folder=school.folder).code == 0
    exported = json.loads(trackone("accounts", "export", "--format", "json", folder=school.folder).out)
    given = logins(PEOPLE, Habit("initial_surname"))
    assert {one["sis_code"]: one["username"] for one in exported} == given


def test_a_mixture_is_written_as_rules(tmp_path):
    """The newest intakes by [usernames], older ones by a rule on their year of finishing; the accounts fit."""
    given = _mixed()
    _school(tmp_path, given)
    answer = trackone("suggest", "--write", folder=tmp_path)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("The intakes differ: given name + dot + surname (finishing 2031 to")
    said = tomllib.loads((tmp_path / "students.toml").read_text())["usernames"]
    assert (said["method"], said["rule"][0]["method"]) == ("given_dot_surname", "initial_surname")
    assert trackone("sync", folder=tmp_path).code == 0
    exported = json.loads(trackone("accounts", "export", "--format", "json", folder=tmp_path).out)
    assert {one["sis_code"]: one["username"] for one in exported} == given
    assert "nothing to write" in trackone("suggest", folder=tmp_path).out


def test_a_mixture_is_not_written_over_other_rules(tmp_path):
    """Rules of the file's own would count before new ones: exit 1, the file as it was."""
    rules = RULES.replace("[passwords]", '[[usernames.rule]]\nwhen = { year = "P" }\nprefix = "x"\n\n[passwords]')
    _school(tmp_path, _mixed(), rules)
    answer = trackone("suggest", "--write", folder=tmp_path)
    assert answer.code == 1
    assert "by hand" in answer.err
    assert (tmp_path / "students.toml").read_text() == rules


def test_nothing_that_fits_is_not_written(tmp_path):
    """Exit 1, the file as it was."""
    _school(tmp_path, {one.sis_code: f"q{number * 7919}" for number, one in enumerate(PEOPLE)})
    assert trackone("suggest", folder=tmp_path).code == 0
    answer = trackone("suggest", "--write", folder=tmp_path)
    assert (answer.code, "nothing was written" in answer.err) == (1, True)
    assert (tmp_path / "students.toml").read_text() == RULES


def test_without_a_directory_it_is_exit_code_2(tmp_path):
    """The configuration lacks something."""
    School(tmp_path).write([row("S1", "Amelia", "Smith")])
    answer = trackone("suggest", folder=tmp_path)
    assert (answer.code, "[directory] is missing" in answer.err) == (2, True)


def test_a_directory_that_is_not_there_is_exit_code_1(school):
    """It is named, and nothing is shown."""
    (school.folder / "directory.ldif").unlink()
    answer = trackone("suggest", "--write", folder=school.folder)
    assert (answer.code, answer.out, "directory.ldif" in answer.err) == (1, "", True)


def test_a_directory_that_was_cut_is_exit_code_1(school):
    """What was read is shown, nothing is written."""
    path = school.folder / "directory.ldif"
    text = path.read_text()
    path.write_text(text[: text.rindex("dn: ") + 20])
    answer = trackone("suggest", "--write", folder=school.folder)
    assert (answer.code, "not read to its end" in answer.err) == (1, True)
    assert answer.out.startswith("Initial + surname: 100% of 59 network logins.")
    assert (school.folder / "students.toml").read_text() == RULES
