"""Exit codes and what goes with them: one to three lines on standard error, nothing written, no traceback."""

import json
import os
import sys

import pytest

from connector.domain.ports import RunRequest
from tests.cli.command import process, start, trackone
from tests.services.school import OVERWRITE, School, row

DIRECTORY = '[directory]\nurl = "ldif:directory.ldif"\nbase = "DC=school,DC=example"\ntype = "openldap"\n'


def _refused(answer, code: int, *parts: str) -> None:
    """The answer is a refusal in one to three lines that begin with the command's name and hold the parts."""
    lines = answer.err.splitlines()
    assert answer.code == code, answer
    assert 1 <= len(lines) <= 3, answer.err
    assert lines[0].startswith("trackone: ")
    assert "Traceback" not in answer.err
    for part in parts:
        assert part in answer.err


def _untouched(school) -> None:
    """No account and no run is in the school's store."""
    assert trackone("accounts", "export", "--format", "json", folder=school.folder).out == "[\n]\n"
    assert trackone("runs", "list", "--format", "json", folder=school.folder).out == "[]\n"


USAGE = [
    (("--nonsense", "plan"), "--nonsense", "See: trackone --help"),
    (("nonsense",), "nonsense", "See: trackone --help"),
    (("plan", "--nonsense"), "--nonsense", "See: trackone plan --help"),
    (("plan", "--format", "pdf"), "pdf", "See: trackone plan --help"),
    (("plan", "--accept", "everything"), "everything", "max-archives"),
    (("plan", "--as-of", "yesterday"), "yesterday", "2026-02-27"),
    (("apply",), "PLAN", "See: trackone apply --help"),
    (("why",), "CODE_OR_USERNAME", "See: trackone why --help"),
    (("rename",), "CODE", "See: trackone rename --help"),
    (("runs", "show", "one"), "one", "See: trackone runs show --help"),
    (("accounts", "nonsense"), "nonsense", "See: trackone accounts --help"),
    (("accounts", "create"), "USERNAME", "See: trackone accounts create --help"),
    (("accounts", "create", "x", "--type", "System"), "System", "Student"),
    (("accounts", "show", "nobody"), "nobody", "trackone accounts list"),
    (("accounts", "approve", "nobody", "--apply"), "nobody", "trackone accounts list"),
    (("accounts", "import", "missing.csv"), "missing.csv", "file of accounts"),
    (("apply", "missing.json"), "missing.json", "plan"),
    (("rename", "S99", "--apply"), "S99", "trackone why S99"),
    (("why", "nobody"), "nobody", "trackone accounts list"),
    (("align",), "[directory] is missing", "ldif:"),
    (("align", "--format", "xlsx"), "xlsx", "-o FILE"),
    (("plan", "-o", "no/such/folder/plan.json"), "plan.json", "-o"),
    (("-c", "elsewhere.toml", "plan"), "elsewhere.toml", "trackone init"),
]


@pytest.mark.parametrize(
    ("words", "what", "next_step"), USAGE, ids=lambda part: " ".join(part) if isinstance(part, tuple) else ""
)
def test_wrong_words_are_exit_code_2(school, run, words, what, next_step):
    """What is wrong and what to do instead, in at most three lines."""
    answer = run(*words)
    _refused(answer, 2, what, next_step)
    assert answer.out == ""
    _untouched(school)


def test_bare_command_shows_its_help(tmp_path):
    """Without a word the help is shown, and it is still no success."""
    answer = trackone(folder=tmp_path)
    assert (answer.code, answer.err.splitlines()[0]) == (2, "Usage: trackone [OPTIONS] COMMAND [ARGS]...")


def test_done_is_exit_code_0(school):
    """A whole path in processes of their own, silent on standard error in a pipe."""
    for words in (("plan", "-o", "plan.json"), ("apply", "plan.json"), ("sync",)):
        answer = process(*words, folder=school.folder)
        assert (answer.code, answer.err) == (0, ""), words


def test_an_unreadable_export_is_exit_code_1(school, run):
    """A failure in operation names the file and the next step."""
    (school.folder / "students.csv").unlink()
    for words in (("plan",), ("sync",), ("sync", "--dry-run")):
        _refused(run(*words), 1, "students.csv cannot be read", "[sis] path")
    _untouched(school)


def test_no_such_run_is_exit_code_1(run):
    """The number is named, and where the numbers are."""
    for words in (("runs", "show", "7"), ("runs", "undo", "7"), ("runs", "undo", "7", "--apply")):
        _refused(run(*words), 1, "There is no run 7", "trackone runs list")


def test_the_guard_is_exit_code_3(synced, run):
    """plan still shows and writes its plan, sync writes nothing, and applying a refused plan is refused too."""
    before = run("accounts", "export").data
    synced.write([row("S99", "Some", "Body", status="left")])
    planned = run("plan", "-o", "plan.json")
    _refused(planned, 3, "nothing was written")
    assert "--accept" in planned.out
    _refused(run("sync"), 3, "empty-read", "trackone plan")
    _refused(run("apply", "plan.json"), 3, "empty-read", "--accept")
    assert run("accounts", "export").data == before
    assert [one["run"] for one in json.loads(run("runs", "list", "--format", "json").out)] == [1]


def _tampered(text: str) -> str:
    return text.replace("aquillfeather2", "administrator")


def _resigned(text: str) -> str:
    body = json.loads(text)
    body["signature"] = "0" * 64
    return json.dumps(body)


BROKEN_PLANS = [
    (_tampered, "its content was changed after it was made"),
    (_resigned, "its signature does not fit this store's key"),
    (lambda text: text[:-300], "it is not JSON"),
    (lambda _: "", "it is not JSON"),
    (lambda _: "[]", "it is not a plan of this version"),
    (lambda text: text.replace('"plan_version": 1', '"plan_version": 2'), "it is not a plan of this version"),
    (lambda text: text.replace('"signature"', '"seal"'), "its signature is missing"),
]


@pytest.mark.parametrize(("broken", "why"), BROKEN_PLANS, ids=lambda part: part if isinstance(part, str) else "")
def test_a_changed_plan_is_exit_code_4(school, run, broken, why):
    """Whatever was done to the file, it is named and refused."""
    run("plan", "-o", "plan.json")
    path = school.folder / "plan.json"
    path.write_text(broken(path.read_text()))
    _refused(run("apply", "plan.json"), 4, "plan.json", why, "trackone plan -o plan.json")
    _untouched(school)


def test_a_plan_of_another_store_is_exit_code_4(school, run, tmp_path):
    """A plan is for the store whose key signed it."""
    run("plan", "-o", "plan.json")
    elsewhere = School(_folder(tmp_path / "other"), OVERWRITE)
    elsewhere.write([row("S1", "Amelia", "Quillfeather")])
    answer = trackone("apply", school.folder / "plan.json", folder=elsewhere.folder)
    _refused(answer, 4, "it was made for another store")
    _untouched(elsewhere)


def test_a_stale_plan_is_exit_code_4(run):
    """A wanted name that somebody has by now is named."""
    run("plan", "-o", "plan.json")
    run("accounts", "create", "aquillfeather", "--apply")
    before = run("accounts", "export").data
    answer = run("apply", "plan.json")
    _refused(answer, 4, "S1: the username aquillfeather is held by aquillfeather by now", "--apply-rest")
    assert run("accounts", "export").data == before


def test_an_old_plan_is_exit_code_4(tmp_path):
    """A plan expires after [guard] plan_expires."""
    school = School(tmp_path, OVERWRITE, '[guard]\nplan_expires = "0s"\n')
    school.write([row("S1", "Amelia", "Quillfeather")])
    trackone("plan", "-o", "plan.json", folder=tmp_path)
    _refused(trackone("apply", "plan.json", folder=tmp_path), 4, "plans expire after", "trackone plan")
    _untouched(school)


@pytest.fixture
def aligned(tmp_path):
    """A school whose directory knows one student under another login, and lacks another."""
    school = School(tmp_path, OVERWRITE, DIRECTORY)
    school.write([row("S1", "Amelia", "Quillfeather"), row("S2", "Bodhi", "Ng")])
    (tmp_path / "directory.ldif").write_text(
        "version: 1\n\ndn: uid=amelia,DC=school,DC=example\nobjectClass: inetOrgPerson\nuid: amelia\n"
        "employeeNumber: S1\ngivenName: Amelia\nsn: Quillfeather\n\nsearch: 2\nresult: 0 Success\n\n"
        "# numResponses: 2\n# numEntries: 1\n"
    )
    return school


def test_fail_on_is_exit_code_5(aligned):
    """Findings of that severity or worse; the report is given all the same."""
    run = ("align", "--format", "json", "--fail-on")
    answer = trackone(*run, "error", folder=aligned.folder)
    _refused(answer, 5, "--fail-on error")
    assert json.loads(answer.out)["summary"]["matched"] == 0
    aligned.write([row("S1", "Amelia", "Quillfeather", network_login="amelia")])
    aligned.rules('[usernames]\nmethod = "network_login"\n[passwords]\nmethod = "none"\n')
    assert trackone(*run, "error", folder=aligned.folder).code == 0


def test_a_directory_that_is_not_there(aligned):
    """report goes on with a finding, align fails, require refuses."""
    (aligned.folder / "directory.ldif").unlink()
    assert trackone("plan", folder=aligned.folder).code == 0
    _refused(trackone("align", folder=aligned.folder), 1, "directory.ldif")
    config = aligned.folder / "connector.toml"
    config.write_text(config.read_text().replace('type = "openldap"', 'type = "openldap"\npolicy = "require"'))
    _refused(trackone("sync", folder=aligned.folder), 3, "incomplete-directory")
    _untouched(aligned)


def _folder(path):
    path.mkdir()
    return path


STORES = [
    ("sqlite:///nowhere/trackone.db", 1, "nowhere/trackone.db", "check [store] url"),
    ("sqlite:///students.csv", 1, "students.csv is not a database", "[store] url"),
    ("sqlite:///folder", 1, "folder cannot be opened", "check that the folder exists"),
    ("oracle://host/db", 2, "connector.toml:23: [store] url", "sqlite:///FILE"),
    ("sqlite://", 2, "[store] url", "sqlite:///"),
]


@pytest.mark.parametrize(("url", "code", "what", "next_step"), STORES, ids=str)
def test_a_store_that_cannot_be_used(tmp_path, url, code, what, next_step):
    """Named by its file or key, whatever the command."""
    school = School(tmp_path, OVERWRITE, f'[store]\nurl = "{url}"\n')
    school.write([row("S1", "Amelia", "Quillfeather")])
    _folder(tmp_path / "folder")
    before = (tmp_path / "students.csv").read_bytes()
    for words in (("sync",), ("plan",), ("accounts", "export"), ("runs",)):
        _refused(trackone(*words, folder=tmp_path), code, what, next_step)
    assert (tmp_path / "students.csv").read_bytes() == before


def test_another_programs_database_is_left_alone(school, run):
    """A database with other tables is no store, and stays as it was."""
    import sqlite3  # noqa: PLC0415 - the other program

    path = school.folder / "trackone.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE orders (id INTEGER)")
    other.close()
    before = path.read_bytes()
    _refused(run("sync"), 1, "trackone.db is a database of another program", "[store] url")
    assert path.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_nobody_may_write_in(school, run):
    """The store's folder without the right to write is named."""
    school.folder.chmod(0o500)
    try:
        _refused(run("sync"), 1, "trackone.db", "write")
    finally:
        school.folder.chmod(0o700)


def test_one_run_at_a_time(school):
    """While another process is in a run, a second is refused and told who holds the lock."""
    request = RunRequest("sync", "test", "tester")
    with school.built().store.run(request):
        answer = process("sync", folder=school.folder)
        _refused(answer, 1, f"run lock held by pid {os.getpid()} (sync, since ")
        assert trackone("accounts", "export", folder=school.folder).code == 0
        assert trackone("plan", folder=school.folder).code == 0
    assert trackone("sync", folder=school.folder).code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipe")
def test_a_reader_that_goes_away_is_no_fault(synced):
    """`trackone accounts export | head -1` ends without a word about a broken pipe."""
    begun = start("accounts", "export", folder=synced.folder)
    begun.stdout.close()
    with begun.stderr:
        assert (begun.wait(60), begun.stderr.read()) == (1, b"")


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        ('url = "ldaps://dc1:0"', "port 0 is none"),
        ('url = "ldaps://dc 1"', "there is no usable host name in it"),
        ('url = "ldaps://dc1/dc=x"', "nothing may follow the host and port"),
        ('url = "ldif:a\\u0000b"', "holds a sign that no file name has"),
        ('url = "ldif:a.ldif"\nfilter = "()"', "expected attribute=value"),
        ('url = "ldaps://dc1"\nexclude = ["(a>b)"]', "expected attribute=value"),
    ],
)
@pytest.mark.parametrize("command", ["check", "align"])
def test_a_directory_that_can_never_be_read(tmp_path, keys, what, command):
    """`check` says already what every other command would refuse, without a password and without the network."""
    secret = 'bind_dn = "cn=a,dc=x"\nbind_password = { file = "password" }\n'
    made = School(tmp_path, more=f'[directory]\n{keys}\nbase = "dc=x"\n{secret}')
    (tmp_path / "password").write_text("secret")
    made.write([])
    _refused(trackone(command, folder=tmp_path), 2, what)
