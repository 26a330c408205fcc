"""trackone align from run to run: what it remembers, and the files with what to change."""

import json
import sqlite3
from contextlib import closing

import pytest

from tests.cli.command import trackone
from tests.services.school import School, row

ENTRY = """\
dn: CN={name},OU=Students,DC=school,DC=example
objectClass: user
sAMAccountName: {login}
employeeID: {key}
givenName: {given}
sn: {family}
userAccountControl: {control}

"""
DIRECTORY = '[directory]\nurl = "ldif:directory.ldif"\nbase = "OU=Students,DC=school,DC=example"\n'
PEOPLE = (
    ("S1", "Amelia", "Smith", "asmith"),
    ("S2", "Bodhi", "Nguyen", "bnguyen"),
    ("S3", "Cara", "Doyle", "cdoyle"),
)


@pytest.fixture
def school(tmp_path):
    """Three students with accounts, and a directory export that `network` writes."""
    made = School(tmp_path, more=DIRECTORY)
    made.write([row(code, given, family) for code, given, family, _ in PEOPLE])
    network(made)
    assert trackone("sync", folder=tmp_path).code == 0
    return made


def network(school, *, control=512, **logins):
    """Write the export; `logins` are those that differ from the usernames, by SIS code."""
    text = "".join(
        ENTRY.format(name=f"{given} {family}", login=logins.get(code, login), key=code, given=given, family=family,
                     control=control)
        for code, given, family, login in PEOPLE
    )  # fmt: skip
    (school.folder / "directory.ldif").write_text(text, encoding="utf-8")


def aligned(school, *words):
    """What `trackone align` says as JSON."""
    answer = trackone("align", "--format", "json", *words, folder=school.folder)
    assert answer.code == 0, answer.err
    return json.loads(answer.out)


def keys(trend, which):
    """New or gone findings, by code and SIS code."""
    return [(one["code"], one["subject"]) for one in trend[which]]


def test_each_alignment_is_compared_with_the_last(school):
    """The first has no trend; later ones say what is new and gone, and how the rate was before."""
    network(school, S1="amelia.s")
    assert aligned(school)["trend"] is None
    network(school, S2="bodhi.n")
    said = aligned(school)
    assert keys(said["trend"], "new") == [("username-differs", "S2")]
    assert keys(said["trend"], "gone") == [("username-differs", "S1")]
    assert said["summary"]["previous_match_rate"] == said["summary"]["match_rate"] == 2 / 3
    network(school)
    said = aligned(school)
    assert [one["matched"] for one in said["trend"]["alignments"]] == [2, 2]
    assert said["summary"]["match_rate"] == 1


def test_an_alignment_may_be_left_out_of_the_trend(school):
    """With --no-record the next one is compared with the one before."""
    aligned(school)
    network(school, S1="amelia.s")
    aligned(school, "--no-record")
    said = aligned(school)
    assert len(said["trend"]["alignments"]) == 1
    assert keys(said["trend"], "new") == [("username-differs", "S1")]


def test_half_a_directory_has_no_rate_and_is_not_remembered(school):
    """An export that was cut says so, claims no match rate, and is nothing to compare the next one with."""
    aligned(school)
    whole = (school.folder / "directory.ldif").read_text()
    (school.folder / "directory.ldif").write_text(whole[:-60])
    answer = trackone("align", "--format", "json", folder=school.folder)
    assert answer.code == 1
    assert json.loads(answer.out)["summary"]["match_rate"] is None
    assert "%" not in trackone("align", folder=school.folder).out.split("\n\n")[0]
    network(school)
    assert len(aligned(school)["trend"]["alignments"]) == 1


def test_another_population_is_not_compared(school):
    """After the year levels of the scope changed there is nothing to compare with."""
    aligned(school)
    school.rules(
        '[scope]\nyear_levels = ["7"]\n[usernames]\nmethod = "initial_surname"\n[passwords]\nmethod = "none"\n'
    )
    assert aligned(school)["trend"] is None


def test_the_record_names_nobody(school):
    """Codes of findings and SIS codes are kept, no name, login or DN."""
    network(school, S1="amelia.s")
    with (school.folder / "directory.ldif").open("a") as file:
        file.write(
            ENTRY.format(name="Quentin Zimmermann", login="quentin.z", key="", given="", family="", control=512)
        )
    aligned(school)
    stored = b"".join(path.read_bytes() for path in school.folder.glob("trackone.db*"))
    assert b"orphan-in-directory" in stored
    for name in (b"Quentin", b"quentin", b"Zimmermann", b"amelia.s"):
        assert name not in stored


def test_the_files_with_what_to_change(school):
    """The administrator's lines, and usernames that an import takes over, swaps included; then all match."""
    network(school, S1="bnguyen", S2="asmith", S3="cara.doyle", control=544)
    answer = trackone("align", "--fix-csv", "fixes.csv", "--renames", "renames.csv", folder=school.folder)
    assert answer.code == 0, answer.err
    lines = (school.folder / "fixes.csv").read_text("utf-8-sig").splitlines()
    assert lines[0] == "dn,attribute,old,new,apply,sis_code,finding"
    assert (
        '"CN=Cara Doyle,OU=Students,DC=school,DC=example",sAMAccountName,cara.doyle,cdoyle,choose,S3,username-differs'
        in lines
    )
    assert sum(",PasswordNotRequired,TRUE,FALSE,yes," in line for line in lines) == 3
    assert trackone("accounts", "import", "renames.csv", "--apply", folder=school.folder).code == 0
    said = aligned(school)
    assert said["summary"]["match_rate"] == 1
    assert school.usernames() == {"S1": "bnguyen", "S2": "asmith", "S3": "cara.doyle"}


def test_a_store_that_is_busy_takes_nothing_from_the_report(school):
    """While another program writes to the store the report comes all the same, with a word on the trend."""
    with closing(sqlite3.connect(school.folder / "trackone.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = trackone("align", "--format", "json", folder=school.folder)
    assert answer.code == 0
    assert json.loads(answer.out)["summary"]["match_rate"] == 1
    assert "missing from the trend" in answer.err
    assert aligned(school)["trend"] is None


def test_the_text_ends_with_the_commands_that_help(school):
    """Where most names differ it asks which method the network uses, and it names the tables of changes."""
    assert "trackone suggest" not in trackone("align", folder=school.folder).out
    network(school, S1="ams", S2="bng")
    said = trackone("align", folder=school.folder).out.splitlines()[-3:]
    assert [one.rpartition("trackone ")[2] for one in said] == [
        "suggest",
        "align --fix-csv fixes.csv",
        "align --renames names.csv",
    ]


@pytest.mark.parametrize("words", [("align", "-o", "alignment.pdf"), ("plan", "-o", "plan.xls")])
def test_a_format_that_there_is_not_is_refused(school, words):
    """A name that asks for another format than there are is an error, and nothing is written."""
    answer = trackone(*words, folder=school.folder)
    assert (answer.code, f"there is no format .{words[2].rpartition('.')[2]}" in answer.err) == (2, True)
    assert not (school.folder / words[2]).exists()
