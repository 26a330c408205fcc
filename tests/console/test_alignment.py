"""The alignment page: comparing, finding one's way, and the files."""

import json
import re

import pytest

from connector.domain.alignment import AlignmentRecord
from connector.report.glossary import finding_meaning
from tests.console.conftest import PEOPLE
from tests.console.visits import Office
from tests.services.school import AS_OF, School

RULES = """\
[scope]
overwrite = true
[usernames]
method = "initial_surname"
[passwords]
method = "none"
"""
DIRECTORY = """\
[directory]
url = "ldif:export.ldif"
type = "openldap"
base = "ou=people,dc=school,dc=example"
"""


def entry(login, code, given, family):
    """One person of the export."""
    return (
        f"dn: uid={login},ou=people,dc=school,dc=example\nobjectClass: inetOrgPerson\nuid: {login}\n"
        f"employeeNumber: {code}\ngivenName: {given}\nsn: {family}\ncn: {given} {family}\n\n"
    )


@pytest.fixture
def school(tmp_path):
    """Four students with accounts, and a directory that gives one of them another login and one of them none."""
    made = School(tmp_path, RULES, DIRECTORY)
    made.write(PEOPLE)
    (made.folder / "export.ldif").write_text(
        entry("aquillfeather", "S0101", "Amelia", "Quillfeather")
        + entry("alaricq", "S0102", "Alaric", "Quillfeather")
        + entry("bnguyenashworth", "S0103", "Bodhi", "Nguyen-Ashworth")
    )
    made.sync()
    return made


@pytest.fixture
def compared(operator):
    """A browser that shows a fresh comparison."""
    operator.open("/alignment")
    return operator.send("")


def test_before_the_first_comparison_nothing_is_claimed(operator):
    """The page says what it is for and what pressing the button does."""
    operator.open("/alignment")
    assert "Compare with the directory" in operator.words
    assert "no account is changed" in operator.words


def test_what_the_last_comparison_found_is_counted(school, operator):
    """Before this console has compared, it shows what the last comparison anywhere found, in words and numbers."""
    parts = school.built()
    seldom = dict.fromkeys(("login-locked", "login-expired", "login-too-long", "upn-differs"), 1)
    found = {"matched": 2, "case-differs": 3, "missing-in-directory": 4, "username-differs": 5, **seldom}
    parts.alignments.keep_alignment(parts.scope, AlignmentRecord(school.now, AS_OF, 5, 2, 4, found), set())
    operator.open("/alignment")
    assert "2 of 5 students had a username that equals the network login (40.0%). It found:" in operator.words
    counts = re.findall(r"<li>([^<]+): <b>(\d+)</b></li>", operator.text)
    common = [finding_meaning(code).title for code in ("username-differs", "missing-in-directory", "case-differs")]
    assert counts[:3] == list(zip(common, "543", strict=True))
    assert (len(counts), counts[-1]) == (6, ("Others", "2"))


def test_a_comparison_shows_rate_and_findings(compared):
    """The rate, who differs from which login, and who has none."""
    assert compared.path == "/alignment"
    assert "50.0%" in compared.words
    assert "alaricq" in compared.words
    assert "Zozo Brontë" in compared.words


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("code=missing-in-directory", "S0104", "alaricq"),
        ("q=quillfeather+s0102", "alaricq", "S0104"),
        ("severity=error", "alaricq", "no finding is like that"),
        ("severity=new", "No finding is like that", "alaricq"),
    ],
)
def test_findings_are_filtered_by_the_address(compared, query, shown, hidden):
    """Code, severity, newness and words of a search choose the rows."""
    compared.open(f"/alignment?{query}")
    table = compared.words.partition("What to do")[2] or compared.words
    assert shown in table
    assert hidden not in table.partition("Download")[0]


def test_a_second_comparison_tells_what_is_new(school, compared):
    """A login that goes away meanwhile is a new finding, and the rate falls."""
    text = (school.folder / "export.ldif").read_text()
    (school.folder / "export.ldif").write_text(text.replace("employeeNumber: S0103", "employeeNumber: S0999"))
    compared.send("")
    compared.open("/alignment?severity=new")
    assert "S0103" in compared.words


@pytest.mark.parametrize(
    ("form", "kind", "holds"),
    [
        ("html", "text/html", b"alaricq"),
        ("csv", "text/csv", b"alaricq"),
        ("json", "application/json", b'"match_rate"'),
        ("fixes", "text/csv", b"dn,attribute,old,new"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
    ],
)
def test_every_form_is_a_file(compared, form, kind, holds):
    """Each download is a file of its kind with the findings in it."""
    compared.open(f"/alignment/{form}")
    assert compared.page.mimetype == kind
    assert "attachment" in compared.page.headers["Content-Disposition"]
    assert holds in compared.page.data
    if form == "json":
        assert json.loads(compared.page.data)["summary"]["matched"] == 2


def test_nothing_to_download_before_a_comparison(operator):
    """A file of a comparison that there is not is not found."""
    assert operator.open("/alignment/csv").page.status_code == 404


def test_a_directory_that_cannot_be_read_is_said(school, operator):
    """The page of the work names the file and the next step; no rate is shown."""
    (school.folder / "export.ldif").unlink()
    operator.open("/alignment")
    operator.send("")
    assert "export.ldif" in operator.words
    assert "Match rate" not in operator.words


def test_a_viewer_may_compare(office, operator):
    """Comparing changes nothing, so a viewer may."""
    viewer = office.viewer(operator)
    viewer.open("/alignment")
    assert "50.0%" in viewer.send("").words


def test_without_a_directory_the_page_says_what_to_add(tmp_path):
    """A school without [directory] is told to add it."""
    (tmp_path / "plain").mkdir()
    plain = School(tmp_path / "plain", RULES)
    plain.write(PEOPLE)
    visit = Office(plain).operator()
    visit.open("/alignment")
    assert "[directory]" in visit.words
    assert "Compare with the directory" not in visit.words


def test_hostile_names_are_text_on_the_page(school, operator):
    """A name that is markup in SIS and directory stays text, in the page and in its files."""
    hostile = "<script>alert(1)</script>"
    text = (school.folder / "export.ldif").read_text()
    (school.folder / "export.ldif").write_text(text.replace("givenName: Alaric", f"givenName: {hostile}"))
    rows = [{**one, "given_names": hostile} if one["sis_code"] == "S0102" else one for one in PEOPLE]
    school.write(rows)
    operator.open("/alignment")
    operator.send("")
    assert hostile not in operator.text
    assert b"<script>alert" not in operator.open("/alignment/html").page.data


def test_a_preview_says_how_it_is_now_and_who_keeps_the_working_login(operator):
    """Beside the outcome stands the present; usernames that are the working network login are said to stay."""
    operator.open("/synchronise")
    operator.send("/synchronise/preview", {"method": "student_code"})
    assert "2 of 4 students; now 50.0%, 2." in operator.words
    assert "2 accounts keep their usernames, although these options give others" in operator.words
    assert "Saves the options for later runs too." in operator.words
