"""A preview's plan, and the match it would lead to."""

import pytest

from connector.services.align import align_directory
from connector.services.decision import Request
from connector.services.preview import make_preview
from tests.services.school import AS_OF, OVERWRITE, School, row, silent

LDIF = """\
dn: CN=Ann Ash,OU=Students,DC=school,DC=example
objectClass: user
objectClass: person
sAMAccountName: aash
employeeID: S1
userAccountControl: 512

dn: CN=Bo Bay,OU=Students,DC=school,DC=example
objectClass: user
objectClass: person
sAMAccountName: bo.bay
employeeID: S2
userAccountControl: 512

"""
DIRECTORY = '[directory]\nurl = "ldif:people.ldif"\ntype = "active-directory"\nbase = "DC=school,DC=example"\n'
ASKED = Request(AS_OF, attended=True)


@pytest.fixture
def school(tmp_path):
    """Two students with accounts by their codes, and rules that now rename them."""
    (tmp_path / "people.ldif").write_text(LDIF)
    made = School(tmp_path, OVERWRITE.replace("initial_surname", "student_code"), DIRECTORY)
    made.write([row("S1", "Ann", "Ash"), row("S2", "Bo", "Bay")])
    made.apply(made.plan())
    made.rules(OVERWRITE)
    return made


def test_the_outcome_is_the_alignment_after_the_plan(school):
    """What the preview foretells is what the directory report says once the plan is applied."""
    plan, outcome, now = make_preview(school.built(), ASKED, silent)
    assert (outcome.matched, outcome.students, now) == (1, 2, 0)
    before = align_directory(school.built(), ASKED, silent, keep=False).alignment
    school.apply(plan, accept=[line.code for line in plan.refused])
    after = align_directory(school.built(), ASKED, silent, keep=False).alignment
    assert (before.matched, after.matched) == (0, outcome.matched)
    assert make_preview(school.built(), ASKED, silent).matched_now == 1


def test_who_has_no_account_yet_does_not_match_now(school):
    """A new student's username counts in the outcome, not in what there is before."""
    school.write([row("S3", "Ann", "Ash")])
    (school.folder / "people.ldif").write_text(LDIF.replace("S1", "S3"))
    _plan, outcome, now = make_preview(school.built(), ASKED, silent)
    assert (outcome.matched, outcome.students, now) == (1, 1, 0)


@pytest.mark.parametrize("directory", ["gone", "cut"])
def test_a_directory_that_is_not_whole_foretells_nothing(school, directory):
    """Without a whole read there is a plan, and no number that looks like a fact."""
    file = school.folder / "people.ldif"
    file.unlink() if directory == "gone" else file.write_text(LDIF[:-30])
    plan, outcome, _now = make_preview(school.built(), ASKED, silent)
    assert outcome is None
    assert {one.code for one in plan.findings} >= {"incomplete-read"}
