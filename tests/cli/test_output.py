"""What goes to standard output, to standard error and to files, and nothing else."""

import csv
import json
import stat
from functools import partial
from io import StringIO

import pytest

from connector.demo.school import build_school
from connector.domain.account import EXPORT_KEYS
from tests.cli.command import process, trackone
from tests.cli.conftest import PEOPLE
from tests.services.school import School, row

PLAN = {
    "plan_version", "kind", "created_at", "fingerprint", "inputs", "counts", "changes", "guard", "skips", "findings",
    "read", "signature",
}  # fmt: skip
COUNTS = {"create", "update", "rename", "archive", "restore", "unchanged", "skip"}
CHANGE = {"action", "sis_code", "username", "before", "after", "changed", "reasons", "kept"}
GUARD = {"code", "value", "limit", "population", "refused", "accepted", "detail"}
SKIP = {"sis_code", "reason", "detail", "suggestion"}
FINDING = {"code", "severity", "sis_code", "username", "login", "dn", "detail", "suggestion"}
SUMMARY = {
    "students", "directory_entries", "matched", "match_rate", "previous_match_rate", "by_code", "by_year",
    "by_campus", "by_unit", "school", "as_of",
}  # fmt: skip
RUN = {
    "run", "command", "origin", "actor", "started_at", "finished_at", "plan", "counts", "accepted", "undoes",
    "summary",
}  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The command on the invented school with its directory, its existing accounts imported."""
    folder = tmp_path_factory.mktemp("demo")
    build_school(folder, students=150)
    run = partial(trackone, folder=folder)
    assert run("accounts", "import", "accounts.csv", "--apply").code == 0
    return run


def test_json_of_a_plan_has_the_documented_keys(demo):
    """The plan, its counts, changes, guard lines, skips and findings."""
    body = json.loads(demo("plan", "--format", "json").out)
    assert set(body) == PLAN
    assert set(body["counts"]) == COUNTS
    assert {frozenset(one) for one in body["changes"]} == {frozenset(CHANGE)}
    assert {frozenset(one) for one in body["guard"]} == {frozenset(GUARD)}
    assert {frozenset(one) for one in body["skips"]} == {frozenset(SKIP)}
    assert {frozenset(one) - {"confidence"} for one in body["findings"]} == {frozenset(FINDING)}
    images = [image for one in body["changes"] for image in (one["before"], one["after"]) if image is not None]
    assert {tuple(image) for image in images} == {EXPORT_KEYS}
    assert sum(body["counts"][action] for action in COUNTS - {"unchanged", "skip"}) == len(body["changes"])


def test_json_of_an_alignment_has_the_documented_keys(demo):
    """The summary, the proof of completeness and every finding."""
    body = json.loads(demo("align", "--format", "json").out)
    assert set(body) == {"summary", "completeness", "findings", "trend"}
    assert set(body["summary"]) == SUMMARY
    assert body["completeness"].items() >= {"complete": True, "reason": ""}.items()
    assert body["completeness"]["source"] == "ldif:directory.ldif"
    assert {frozenset(one) - {"confidence"} for one in body["findings"]} == {frozenset(FINDING)}
    assert {one["severity"] for one in body["findings"]} <= {"info", "warning", "error"}


def test_json_of_accounts_and_runs_has_the_documented_keys(demo):
    """An object an account in the order of the contract; runs numbered from 1."""
    accounts = json.loads(demo("accounts", "export", "--format", "json").out)
    assert {tuple(one) for one in accounts} == {EXPORT_KEYS}
    runs = json.loads(demo("runs", "list", "--format", "json").out)
    assert [set(one) for one in runs] == [RUN]
    assert runs[0]["run"] == 1
    run = json.loads(demo("runs", "show", "1", "--format", "json").out)
    assert set(run) == RUN | {"changes"}
    assert len(run["changes"]) == run["counts"]["create"]


CSV = [
    (("accounts", "export"), ",".join(EXPORT_KEYS)),
    (
        ("plan", "--format", "csv"),
        "kind,what,severity,sis_code,username,family_name,given_names,year_level,campus,changes,why,suggestion,login,dn",
    ),
    (
        ("align", "--format", "csv"),
        "code,severity,sis_code,username,login,dn,detail,suggestion,student,meaning,who,confidence",
    ),
]


@pytest.mark.parametrize(("words", "header"), CSV, ids=lambda part: part[0] if isinstance(part, tuple) else "")
def test_csv_starts_as_documented(demo, words, header):
    """A byte-order mark for Excel, the header, and as many cells in every line; lines end as RFC 4180 has it."""
    data = demo(*words).data
    assert data.startswith(f"\ufeff{header}\r\n".encode())
    rows = list(csv.reader(StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    assert {len(one) for one in rows} == {len(header.split(","))}
    assert len(rows) > 10


FILES = [
    ("plan", "-o", "f"),
    *(("plan", "--format", form, "-o", "f") for form in ("text", "json", "csv", "html")),
    *(("align", "--no-record", "--format", form, "-o", "f") for form in ("text", "json", "csv", "html", "xlsx")),
    *(("accounts", "export", "--format", form, "-o", "f") for form in ("csv", "json")),
]


@pytest.mark.parametrize("words", FILES, ids=" ".join)
def test_files_are_for_their_owner_only(demo, words, tmp_path):
    """-o FILE is written with mode 0600, over whatever was there, with what standard output would have had."""
    target = tmp_path / "f"
    target.write_text("old")
    target.chmod(0o644)
    answer = demo(*words[:-1], target)
    assert (answer.code, answer.err) == (0, "")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [target]
    if "xlsx" in words:
        assert target.read_bytes().startswith(b"PK\x03\x04")
    elif words[0] != "plan" or "csv" in words:
        assert target.read_bytes() == demo(*words[:-2]).data


def test_store_and_keys_are_for_their_owner_only(synced):
    """Database, journal, key and lock."""
    run = partial(trackone, folder=synced.folder)
    run("plan", "-o", "plan.json")
    made = [path for path in synced.folder.iterdir() if path.name.startswith(("trackone.db", "plan.json"))]
    assert len(made) >= 3
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in made} == {path.name: 0o600 for path in made}


LOUD = [
    ("check", "--connect"), ("plan",), ("plan", "-o", "plan.json"), ("sync",), ("runs",), ("runs", "show", "1"),
    ("why", "S1"), ("accounts", "list"), ("accounts", "show", "S1"), ("runs", "undo", "1", "--apply"),
    ("rename", "S1", "--apply"),
]  # fmt: skip


@pytest.mark.parametrize("words", LOUD, ids=" ".join)
def test_nothing_but_the_answer_in_a_pipe(run_again, words):
    """No progress, no log and no colour where nobody looks on."""
    answer = run_again(*words)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out
    assert "\x1b" not in answer.out
    assert "\r" not in answer.out


QUIET = [
    ("check", "--connect"), ("plan", "-o", "plan.json"), ("sync",), ("sync", "--dry-run"),
    ("accounts", "archive", "S1", "--apply"), ("accounts", "export", "-o", "accounts.csv"),
    ("accounts", "release", "aquillfeather9", "--apply"), ("accounts", "erase", "S1", "--apply"),
    ("runs", "undo", "1", "--apply"), ("init", "new"), ("rename", "S1", "--apply"),
]  # fmt: skip


@pytest.mark.parametrize("words", QUIET, ids=" ".join)
def test_quiet_says_only_what_went_wrong(run_again, words):
    """With --quiet a command that does its work says nothing; a failure is said all the same."""
    answer = run_again("--quiet", *words)
    assert answer.out == ""
    assert answer.err == "" if answer.code == 0 else answer.err.startswith("trackone: ")


def test_quiet_tells_of_an_incomplete_read(tmp_path):
    """A run that is done but could not read all says so on standard error, in one line; the exit code stays 0."""
    School(tmp_path).write([row(f"S{number}", "Amelia", "Smith") for number in range(30)])
    export = tmp_path / "students.csv"
    export.write_bytes(export.read_bytes()[:-12])
    answer = trackone("--quiet", "sync", folder=tmp_path)
    assert (answer.code, answer.out) == (0, "")
    told = "students.csv ends in the middle of its last row. Nobody counts as missing this time."
    assert answer.err == f"trackone: incomplete-read: {told}\n"


@pytest.mark.parametrize("words", [("plan",), ("runs",), ("why", "S1"), ("accounts", "export")], ids=" ".join)
def test_quiet_keeps_what_was_asked_for(run_again, words):
    """What a command is for is given under --quiet too."""
    assert run_again("--quiet", *words).out == run_again(*words).out != ""


WORK = [
    ("check", "--connect"), ("plan", "-o", "plan.json"), ("apply", "plan.json"), ("sync",), ("why", "S1"),
    ("accounts", "archive", "S2", "--apply"), ("accounts", "set-password", "S1", "--stdin"), ("runs", "show", "1"),
    ("rename", "S1", "--apply"), ("sync", "--accept", "max-archives", "max-renames"),
    ("runs", "undo", "3", "--apply"), ("accounts", "erase", "S3", "--apply"), ("accounts", "export"),
]  # fmt: skip


def test_the_log_knows_nobody_by_name(school, run):
    """--log-json gives JSON lines with time, level and message; no name, username or e-mail address is in them."""
    logged = []
    for number, words in enumerate(WORK):
        if number == len(WORK) // 2:
            school.write([{**one, "family_name": "Umlautsson"} for one in PEOPLE])
        answer = run("--log-json", "--verbose", *words, stdin="correct horse battery\n")
        assert answer.code == 0, (words, answer)
        logged += answer.err.splitlines()
    lines = [json.loads(line) for line in logged]
    assert all({"at", "level", "logger", "message"} <= set(line) for line in lines)
    assert any(line.get("ending") == "done" and line["counts"] for line in lines)
    text = "\n".join(logged).casefold()
    names = {
        one[key] for one in PEOPLE for key in ("given_names", "family_name", "email", "preferred_name") if key in one
    }
    names |= {"Umlautsson", "Wilhelmina", "quillfeather", "zbronte", "@", "horse"}
    assert [name for name in names if name.casefold() in text] == []


def test_a_refusal_is_logged_by_its_codes(synced, run):
    """The guard's codes are in the log, and nobody's name."""
    synced.write([row("S1", "Amelia", "Quillfeather", status="left")])
    answer = run("--log-json", "--quiet", "sync")
    line = json.loads(answer.err.splitlines()[0])
    assert (answer.code, line["level"]) == (3, "warning")
    assert "max-archives" in line["message"] or "empty-read" in line["message"]
    assert "quill" not in answer.err.casefold()


def test_text_survives_a_narrow_code_page(synced):
    """On a terminal or pipe of an old code page the answer comes with signs replaced, not with a traceback."""
    answer = process(
        "runs", "show", "1", folder=synced.folder, environ={"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    )
    assert (answer.code, answer.err) == (0, "")
    assert b"Bront\xeb" in answer.data


def test_pages_need_nothing_from_elsewhere(demo):
    """Both HTML pages are whole in themselves."""
    for words in (("plan", "--format", "html"), ("align", "--format", "html")):
        page = demo(*words).out
        assert page.startswith("<!doctype html>")
        assert page.rstrip().endswith("</html>")
        for outside in ("http://", "https://", "src=", "@import", "url("):
            assert outside not in page.replace("http://www.w3.org/", ""), outside


def test_an_error_cannot_act_on_the_terminal(tmp_path):
    """What an error repeats of a file or a server is shown, never carried out; its lines stay lines."""
    made = School(tmp_path, more='[directory]\nurl = "ldif:\\u001b[31mred\\u202e.ldif"\nbase = "dc=x"\n')
    made.write(PEOPLE)
    answer = trackone("align", folder=made.folder)
    assert answer.code == 1
    assert "\\x1b[31mred\\u202e.ldif: the LDIF export cannot be read" in answer.err
    assert 1 < len(answer.err.splitlines()) <= 3
