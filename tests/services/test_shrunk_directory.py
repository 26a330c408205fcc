"""A directory that has become much smaller is held for half of one until a person says that it is the whole."""

import pytest

from tests.services.school import School, row

PEOPLE = [row(f"S{number}", "Given", f"Family{chr(97 + number)}") for number in range(20)]
MAPPING = '[scope]\noverwrite = true\n[usernames]\nmethod = "student_code"\n[passwords]\nmethod = "none"\n'


def entry(number: int) -> str:
    """A student's entry; the login is not the code."""
    lines = (
        "objectClass: user",
        f"sAMAccountName: login{number}",
        f"employeeID: S{number}",
        "userAccountControl: 512",
    )
    return "\n".join((f"dn: CN=student {number},OU=Students,DC=x", *lines)) + "\n\n"


def directory(made: School, numbers: range, end: str = "") -> None:
    """Let the directory have these."""
    (made.folder / "directory.ldif").write_text("".join(map(entry, numbers)) + end)


@pytest.fixture
def school(tmp_path):
    """Lay down twenty students and their logins under a policy, after a first sync."""

    def school(policy: str) -> School:
        more = f'[directory]\nurl = "ldif:directory.ldif"\nbase = "OU=Students,DC=x"\npolicy = "{policy}"\n'
        made = School(tmp_path, MAPPING, more)
        made.write(PEOPLE)
        directory(made, range(20))
        assert not made.sync().plan.refused
        return made

    return school


def faults(made: School, accept: tuple[str, ...] = ()) -> list[str]:
    """What a sync finds wrong with the directory's read."""
    return [one.detail for one in made.sync(accept=accept).plan.findings if one.code == "incomplete-read"]


@pytest.mark.parametrize("policy", ["report", "require", "adopt"])
def test_a_smaller_directory_is_accepted_once(school, policy):
    """Accepted, it is read as whole, and is what later reads are measured by; before, it is named each time."""
    made = school(policy)
    directory(made, range(15))
    for _ in range(2):
        assert "15 people where the last complete read had 20" in faults(made)[0]
    assert faults(made, ("incomplete-directory",)) == []
    assert faults(made) == []
    directory(made, range(10))
    assert "10 people where the last complete read had 15" in faults(made)[0]


def test_the_record_says_that_it_was_accepted(school):
    """Where the directory decides, the guard's line is there and accepted."""
    made = school("require")
    directory(made, range(15))
    assert [line.code for line in made.sync().plan.guard if line.refused] == ["incomplete-directory"]
    [line] = [line for line in made.sync(accept=("incomplete-directory",)).plan.guard if line.refused]
    assert (line.code, line.accepted) == ("incomplete-directory", True)


def test_a_directory_without_a_code_decides_nothing(school):
    """A key attribute that may not be read any more would leave everybody without an entry and its groups."""
    made = school("adopt")
    text = "".join(entry(number).replace("employeeID", "description") for number in range(20))
    (made.folder / "directory.ldif").write_text(text)
    done = made.sync()
    assert [line.code for line in done.plan.guard if line.refused] == ["incomplete-directory"]
    assert "nobody in it carries a SIS code" in faults(made)[0]


@pytest.mark.parametrize("policy", ["report", "require", "adopt"])
def test_half_a_directory_is_none_by_accepting_it(school, policy):
    """A read that broke off stays one: nothing is renamed after it, and its size is not remembered."""
    made = school(policy)
    before = made.accounts()
    directory(made, range(15), "dn: CN=cut")
    assert len(faults(made, ("incomplete-directory",))) == 1
    directory(made, range(15))
    assert len(faults(made)) == 1
    assert made.accounts() == before
