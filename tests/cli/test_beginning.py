"""The two ways to begin: `init` for one's own school, `demo` for an invented one."""

import json
import os
import re
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.cli.command import trackone

PRESETS = ["cases21", "edumate", "oneroster", "sds_v1", "sds_v21", "sentral", "seqta", "synergetic", "tass"]


@pytest.mark.parametrize("preset", [None, *PRESETS])
@pytest.mark.parametrize("directory", [None, "ldif"])
def test_what_init_lays_down_is_valid(tmp_path, preset, directory):
    """In an empty folder and in a new one; `check` is content with it, and the next command is named."""
    chosen = [*(("--sis", preset) if preset else ()), *(("--directory", directory) if directory else ())]
    for folder in ("", "riverside"):
        answer = trackone("init", *([folder] if folder else ()), *chosen, folder=tmp_path)
        assert (answer.code, answer.err) == (0, "")
        config = tmp_path / folder / "connector.toml"
        assert config.is_file()
        named = re.search(r"trackone (-c .*) check\n", answer.out)[1].split()
        assert trackone(*named, "check", folder=tmp_path).code == 0
        assert trackone("check", folder=tmp_path / folder).code == 0


@pytest.mark.parametrize("directory", ["active-directory", "openldap"])
def test_a_directory_asks_for_its_password_first(tmp_path, monkeypatch, directory):
    """`check` names the environment variable that is not set; with it the configuration is valid."""
    trackone("init", "--directory", directory, folder=tmp_path)
    monkeypatch.delenv("TRACKONE_LDAP_PASSWORD", raising=False)
    refused = trackone("check", folder=tmp_path)
    assert (refused.code, "TRACKONE_LDAP_PASSWORD" in refused.err) == (2, True)
    monkeypatch.setenv("TRACKONE_LDAP_PASSWORD", "invented-password")
    assert trackone("check", folder=tmp_path).code == 0


def test_init_touches_nothing_that_is_there(tmp_path):
    """A second init is refused by the file it found, and changes nothing."""
    assert trackone("init", folder=tmp_path).code == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    again = trackone("init", "--sis", "tass", folder=tmp_path)
    assert (again.code, again.out) == (2, "")
    assert again.err.startswith("trackone: connector.toml is there already; nothing was written\n")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_init_knows_no_such_sis(tmp_path):
    """An unknown preset is refused with the known ones, and nothing is laid down."""
    answer = trackone("init", "--sis", "tas", folder=tmp_path)
    assert (answer.code, "tass" in answer.err) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_init_leads_to_accounts(tmp_path):
    """From an empty folder over init and an export of that SIS to accounts, nothing else typed."""
    run = partial(trackone, folder=tmp_path)
    run("init")
    (tmp_path / "students.csv").write_text(
        "StudentCode,FirstName,Surname,YearLevel,Status\n0042,Amelia,Smith,7,A\n0043,Wei,Zhang,12,Active\n", "utf-8"
    )
    assert run("check", "--connect").code == 0
    assert run("plan", "-o", "plan.json").code == 0
    assert run("apply", "plan.json").code == 0
    accounts = json.loads(run("accounts", "export", "--format", "json").out)
    assert [(one["sis_code"], one["username"]) for one in accounts] == [("0042", "0042"), ("0043", "0043")]


def test_the_demo_changes_nothing_the_second_time(tmp_path):
    """The whole path runs, leaves a report, and a second time leaves the store as it was, to the byte."""
    run = partial(trackone, folder=tmp_path)
    first = run("demo", "college", "--students", "200")
    assert (first.code, first.err) == (0, "")
    folder = tmp_path / "college"
    state = run("-c", "college/connector.toml", "accounts", "export").data
    runs = len(json.loads(run("-c", "college/connector.toml", "runs", "list", "--format", "json").out))
    store = (folder / "trackone.db").read_bytes()
    second = run("demo", "college", "--students", "200")
    assert (second.code, second.err) == (0, "")
    assert (folder / "trackone.db").read_bytes() == store
    assert "Nothing to apply." in second.out
    assert run("-c", "college/connector.toml", "accounts", "export").data == state
    assert len(json.loads(run("-c", "college/connector.toml", "runs", "list", "--format", "json").out)) == runs
    for report in ("plan.json", "plan.html", "alignment.html"):
        assert stat.S_IMODE((folder / report).stat().st_mode) == 0o600


def test_the_demo_names_commands_that_work(tmp_path):
    """Every `trackone -c ...` that it ends with can be copied."""
    said = trackone("demo", "college", "--students", "200", folder=tmp_path).out
    named = re.findall(r"trackone (-c .*)", said)
    assert len(named) == 2
    for words in named:
        assert trackone(*words.split(), folder=tmp_path).code == 0, words


@pytest.mark.skipif(sys.platform == "win32", reason="the script has another name there")
def test_the_demo_names_commands_as_they_are_typed(tmp_path):
    """Where the shell does not find `trackone` by its name, what is to be copied has the path that was typed."""
    typed = Path(sys.executable).with_name("trackone")
    done = subprocess.run(
        [typed, "demo", "school", "--students", "50"],
        cwd=tmp_path,
        env={**os.environ, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"Open it in a browser: {typed} demo school --serve, then http://127.0.0.1:8081/" in done.stdout
    assert f"Look at one student: {typed} -c school/connector.toml why 0" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("check", "--connect"),
        ("plan",),
        ("sync", "--dry-run"),
        ("align",),
        ("suggest",),
        ("why", "S1"),
        ("accounts", "list"),
        ("accounts", "export"),
        ("runs",),
    ],
    ids=" ".join,
)
def test_looking_makes_no_store(school, run, words):
    """Whatever only looks leaves the folder as it is; the store is made by the first run that writes."""
    (school.folder / "d.ldif").write_text(LDIF, encoding="utf-8")
    with (school.folder / "connector.toml").open("a", encoding="utf-8") as config:
        config.write('[directory]\nurl = "ldif:d.ldif"\ntype = "active-directory"\n')
    before = {path: path.read_bytes() for path in school.folder.rglob("*") if path.is_file()}
    answer = run(*words)
    assert answer.code in (0, 2), answer
    assert {path: path.read_bytes() for path in school.folder.rglob("*") if path.is_file()} == before


LDIF = """dn: CN=Amelia,OU=Students,DC=school,DC=example
objectClass: user
sAMAccountName: aquillfeather
employeeID: S1
userAccountControl: 512

"""
