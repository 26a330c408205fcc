"""The user store by hand: shown first, done with --apply, recorded as a run."""

import csv
import json
from functools import partial
from io import StringIO

import pytest

from tests.cli.command import trackone
from tests.cli.conftest import PEOPLE
from tests.services.school import School, row

EDITS = [
    (("approve", "S1", "--off"), {"approved": False}),
    (("archive", "S1"), {"archived": True}),
    (("roles", "S1", "--add", "Student Portal"), {"roles": ["Student Portal", "Student Security"]}),
]


def _account(run, who: str) -> dict:
    everybody = json.loads(run("accounts", "export", "--format", "json").out)
    return next(one for one in everybody if who in (one["sis_code"], one["username"]))


@pytest.mark.parametrize(("words", "changed"), EDITS, ids=lambda case: " ".join(case) if case else "")
def test_an_edit_is_shown_then_done_then_undone(run_again, words, changed):
    """Without --apply an edit only shows; the command it names does it; undo takes it back."""
    before = _account(run_again, "S1")
    shown = run_again("accounts", *words)
    assert (shown.code, _account(run_again, "S1")) == (0, before)
    assert "Do this now? Not without --apply." in shown.err
    assert run_again("accounts", *words, "--apply").code == 0
    assert _account(run_again, "S1") == {**before, **changed}
    assert run_again("runs", "undo", "2", "--apply").code == 0
    assert _account(run_again, "S1") == before


def test_the_command_shown_is_the_one_that_does_it(run_again):
    """What "Apply it" names has every option of the edit it was shown for, and the configuration."""
    shown = " ".join(
        run_again("-c", "./connector.toml", "accounts", "roles", "S1", "--add", "Student Portal").out.split()
    )
    assert "Apply it: trackone -c ./connector.toml accounts roles S1 --add 'Student Portal' --apply" in shown
    assert "trackone accounts approve S1 --off --apply" in run_again("accounts", "approve", "S1", "--off").out


def test_approve_and_restore_bring_back(run_again):
    """What --off and archive took, approve and restore give again."""
    before = _account(run_again, "S2")
    run_again("accounts", "approve", "S2", "--off", "--apply")
    run_again("accounts", "approve", "S2", "--apply")
    run_again("accounts", "archive", "S2", "--apply")
    assert run_again("accounts", "list", "--archived").out.startswith("1 account\n")
    run_again("accounts", "restore", "S2", "--apply")
    assert _account(run_again, "S2") == before


def test_what_a_person_archived_no_sync_restores(run_again):
    """The next sync leaves it archived and says so."""
    run_again("accounts", "archive", "S2", "--apply")
    assert run_again("sync").code == 0
    assert _account(run_again, "S2")["archived"]
    assert "held-inactive-by-person" in run_again("plan", "--format", "csv").out


def test_unlock_ends_a_lock_out(school, run):
    """A locked account that was imported can be unlocked."""
    (school.folder / "a.csv").write_text("User Name,SIS Code,Locked Out\nzed,S77,true\n")
    assert run("accounts", "import", "a.csv", "--apply").code == 0
    assert _account(run, "zed")["locked_out"]
    assert run("accounts", "unlock", "zed", "--apply").code == 0
    assert not _account(run, "zed")["locked_out"]


def test_list_finds_by_any_text(run_again):
    """Username, code, name and e-mail are searched, whatever the letter case."""
    for text in ("AQUILL", "amelia quill", "S10", "zoe.b@"):
        assert run_again("accounts", "list", text).out.startswith(("1 account\n", "2 accounts\n")), text
    assert run_again("accounts", "list", "nobody").out.startswith("No account.")
    assert run_again("accounts", "list", "--type", "Staff").out.startswith("No account.")


def test_create_and_link(run_again):
    """An account made by hand is linked to a student by a person's word."""
    made = ("accounts", "create", "jlee", "--family", "Lee", "--given", "Jo", "--email", "jo@mail.example")
    assert "jlee" in run_again(*made).out
    assert run_again(*made, "--apply").code == 0
    assert _account(run_again, "jlee")["family_name"] == "Lee"
    assert run_again("accounts", "link", "jlee", "S55", "--apply").code == 0
    assert _account(run_again, "jlee")["sis_code"] == "S55"


def test_linking_shows_both_names(run_again):
    """The account's name and the student's in the SIS stand side by side before anything is done."""
    assert run_again("accounts", "create", "jlee", "--family", "Lee", "--given", "Jo", "--apply").code == 0
    said = " ".join(run_again("accounts", "link", "jlee", "S99").out.split())
    assert "Jo Lee" in said
    assert "in the SIS S99 is nobody" in said


def test_linking_says_whom_the_sis_has_under_the_code(school, run):
    """A student of the SIS who has no account yet is named, with the year level."""
    assert run("accounts", "create", "amelia", "--family", "Quill", "--given", "Amelia", "--apply").code == 0
    said = " ".join(run("accounts", "link", "amelia", "S1").out.split())
    assert "Amelia Quill" in said
    assert "in the SIS S1 is Amelia Quillfeather, year level 7" in said
    (school.folder / "students.csv").unlink()
    assert "compare the names yourself" in " ".join(run("accounts", "link", "amelia", "S1").out.split())


@pytest.mark.parametrize("username", ["", " ", "a b", "a*b", "a\u202eb", "jlee.", "a@b@c"])
def test_no_account_gets_a_name_nobody_can_sign_in_with(run, username):
    """A username that no network login could be is refused as wrong words."""
    answer = run("accounts", "create", username, "--apply")
    assert (answer.code, answer.out) == (2, "")
    assert "cannot be a username: it holds" in answer.err
    assert run("accounts", "export", "--format", "json").out == "[\n]\n"


def test_release_frees_an_archived_name(run_again):
    """A live holder keeps the name; an archived one gives it up and the next student may have it."""
    refused = run_again("accounts", "release", "aquillfeather", "--apply")
    assert (refused.code, refused.err.splitlines()[0]) == (1, "trackone: aquillfeather is held by a live account")
    run_again("accounts", "archive", "S1", "--apply")
    assert "is free" in run_again("accounts", "release", "aquillfeather", "--apply").out
    assert _account(run_again, "S1")["username"] == "aquillfeather~1"
    assert run_again("accounts", "create", "aquillfeather", "--apply").code == 0


def test_erase_removes_every_trace(synced, run):
    """Shown first; with --apply the account and its images in the record are gone, whatever is asked."""
    assert "Erase this account for ever? Not without --apply." in run("accounts", "erase", "S10").err
    assert _account(run, "S10")
    assert run("accounts", "erase", "S10", "--apply").code == 0
    said = [run(*words).out for words in (("accounts", "export"), ("runs", "show", "1"), ("runs", "list"))]
    said.append(run("runs", "show", "1", "--format", "json").out)
    (synced.folder / "students.csv").unlink()
    files = b"".join(path.read_bytes() for path in synced.folder.iterdir() if path.is_file())
    for trace in ("Brontë", "zbronte", "zoe.b@mail.example"):
        assert trace not in "".join(said)
        assert trace.encode() not in files


def test_erase_takes_the_reports_that_name_the_account_along(school, run):
    """A page of an unattended sync that has the person goes; one that has not stays."""
    config = school.folder / "connector.toml"
    config.write_text(config.read_text() + '[run]\nreports = "reports"\n')
    run("sync")
    school.write([*PEOPLE, row("S11", "Nina", "Newcomer")])
    run("sync")
    assert "with it 1 of the reports" in run("accounts", "erase", "S11", "--apply").out
    assert [file.name for file in (school.folder / "reports").iterdir()] == ["run-000001.html"]


def test_a_password_is_read_from_standard_input(run_again):
    """Set without a word about it; one too short is refused; without a terminal or --stdin nothing is asked."""
    done = run_again("accounts", "set-password", "S1", "--stdin", stdin="correct horse battery\n")
    assert (done.code, done.out, done.err) == (0, "aquillfeather has a new password.\n", "")
    assert run_again("accounts", "set-password", "S1", "--stdin", stdin="short\n").code == 2
    refused = run_again("accounts", "set-password", "S1")
    assert (refused.code, refused.err.splitlines()[1]) == (2, "  Give it on standard input: --stdin")


@pytest.mark.parametrize("form", ["csv", "json"])
def test_an_export_comes_back_by_import(synced, run, form):
    """An export imported where it came from changes nothing; imported into an empty store it is the same export."""
    run("accounts", "create", "jlee", "--type", "Staff", "--family", "=1+1;-x", "--role", "Administrator", "--apply")
    run("accounts", "archive", "S2", "--apply")
    run("accounts", "export", "--format", form, "-o", f"accounts.{form}")
    before = run("accounts", "export", "--format", form).data
    assert "Nothing to change. 5 unchanged." in run("accounts", "import", f"accounts.{form}").out
    for path in synced.folder.glob("trackone.db*"):
        path.unlink()
    shown = run("accounts", "import", f"accounts.{form}")
    assert "5 accounts to create" in shown.out
    assert run("accounts", "import", f"accounts.{form}", "--apply").code == 0
    assert run("accounts", "export", "--format", form).data == before


AWKWARD = [
    "\u202eevil", "a\u2066b\u2069", "zero\u200bwidth", "نام\u200cها", "=1+1", "'=1", "-x;+y", "'t Hooft", '"quoted"',
    "a,b", "\ufeffmark", "\\u202e",
]  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "json"])
def test_awkward_names_come_back_as_they_went(tmp_path, form):
    """What only confuses the eye is written as it is, what a spreadsheet would run is guarded and comes back."""
    made = School(tmp_path, '[usernames]\nmethod = "student_code"\n[passwords]\nmethod = "none"\n')
    made.write([row(f"S{n:02}", name, name) for n, name in enumerate(AWKWARD)])
    run = partial(trackone, folder=tmp_path)
    assert run("sync").code == 0
    run("accounts", "export", "--format", form, "-o", f"a.{form}")
    before = json.loads(run("accounts", "export", "--format", "json").out)
    assert [one["family_name"] for one in before] == [name.strip() for name in AWKWARD]
    assert f"Nothing to change. {len(AWKWARD)} unchanged." in run("accounts", "import", f"a.{form}").out
    for path in tmp_path.glob("trackone.db*"):
        path.unlink()
    assert run("accounts", "import", f"a.{form}", "--apply").code == 0
    assert json.loads(run("accounts", "export", "--format", "json").out) == before


def test_an_import_says_whom_it_makes_students(run):
    """A file without user types says so before it makes Students; an account that is there keeps its type."""
    folder = run.keywords["folder"]
    (folder / "a.csv").write_text("username,user_type,family_name\njlee,Staff,Lee\n", "utf-8")
    assert "user_type" not in run("accounts", "import", "a.csv", "--apply").out
    (folder / "b.csv").write_text("username,family_name\njlee,Leigh\nmscott,Scott\n", "utf-8")
    shown = run("accounts", "import", "b.csv", "--apply").out
    assert "no user_type for 1 new accounts" in shown
    found = json.loads(run("accounts", "export", "--format", "json").out)
    assert {one["username"]: (one["user_type"], one["family_name"]) for one in found} == {
        "jlee": ("Staff", "Leigh"), "mscott": ("Student", "Scott"),
    }  # fmt: skip


def test_the_first_run_of_a_real_site_adopts_its_accounts(school, run):
    """Accounts imported from TrackOne are found by their SIS code, whatever their username."""
    (school.folder / "a.csv").write_text(
        "User Name,SIS Code,Family Name,Given Names\nold.name,S1,Quillfeather,Amelia\nmscott,,Scott,Mia\n"
    )
    run("accounts", "import", "a.csv", "--apply")
    planned = json.loads(run("plan", "--format", "json").out)
    assert {one["sis_code"]: one["action"] for one in planned["changes"]} == {
        "S1": "rename", "S2": "create", "S3": "create", "S10": "create",
    }  # fmt: skip


def test_csv_of_accounts_opens_as_it_is_meant(run_again):
    """A byte-order mark, the documented header, one line an account ordered by code, then username."""
    answer = run_again("accounts", "export")
    assert answer.data.startswith(b"\xef\xbb\xbfusername,sis_code,user_type,")
    rows = list(csv.DictReader(StringIO(answer.out.removeprefix("\ufeff"), newline="")))
    assert [one["sis_code"] for one in rows] == sorted(one["sis_code"] for one in rows)


BAD_FILES = [
    ("", "a.csv: "),
    ("username,sis_cod\nx,S1\n", "a.csv:1: "),
    ("sis_code\nS1\n", "a.csv"),
    ("username,sis_code\nx,S1\n,S2\n", "a.csv:3: "),
    ("username,sis_code\nx\n", "a.csv:2: "),
    ("username,approved\nx,maybe\n", "a.csv:2: "),
    ("username,user_type\nx,Wizard\n", "a.csv:2: "),
    ('username,family_name\nx,"Smi\x07th"\n', "a.csv:2: "),
    ('username\n"x\n', "a.csv:2: "),
    ("username,sis_code\nasmith,S1\nASmith,S2\n", "a.csv"),
    ("username,sis_code\nx,S1\ny,s1\n", "a.csv"),
    ('{"username": "x"}', "a.csv: "),
    ('[{"username": "x"}, {"sis_code": "S1"}]', "a.csv: account 2"),
    ('[{"username": "x", "approved": 7}]', "a.csv: account 1"),
    ("[", "a.csv: "),
    ("username,SIS Code,sis_code\nx,S1,S2\n", "a.csv:1: two columns for sis_code: 'SIS Code' and 'sis_code'"),
    ('[{"username": "x", "User Name": "y"}]', "a.csv: account 1: two columns for username"),
    ("username\na\u200bb\n", "a.csv:2: the username holds an invisible sign"),
]


@pytest.mark.parametrize(("text", "place"), BAD_FILES, ids=str)
def test_a_file_of_accounts_is_right_or_refused_whole(school, run, text, place):
    """A fault is named by file and line, or by its place in the JSON, and nobody gets an account."""
    (school.folder / "a.csv").write_text(text, "utf-8")
    answer = run("accounts", "import", "a.csv", "--apply")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"trackone: {place}")
    assert len(answer.err.splitlines()) <= 3
    assert run("accounts", "export", "--format", "json").out == "[\n]\n"


@pytest.mark.parametrize(
    ("column", "meant"),
    [("Surname", "family_name"), ("First Name", "given_names"), ("Usernam", "username"), ("Shoe size", "")],
)
def test_an_unknown_column_is_told_what_it_may_mean(school, run, column, meant):
    """The message guesses where there is something to guess, and lists the columns there are."""
    (school.folder / "accounts.csv").write_text(f"{column},SIS Code\nx,S1\n", encoding="utf-8")
    answer = run("accounts", "import", "accounts.csv")
    assert answer.code == 2
    assert ("did you mean" in answer.err, f"did you mean {meant}?" in answer.err) == (bool(meant), bool(meant))
    assert "nown are username, sis_code, user_type" in answer.err
