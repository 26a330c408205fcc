"""No secret and no password stands in any file, log or answer, in the plain or in any usual dress."""

import base64
import json
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from connector.credentials.activation import fresh_secrets
from connector.store.open import open_store
from tests.cli.command import in_memory, trackone
from tests.services.school import NOON, School, row

RULES = """
[scope]
overwrite = true
[usernames]
method = "initial_surname"
[passwords]
method = {method}
"""
PEOPLE = [
    row(f"S{number}", f"Given{number}", f"Family{number}", email=f"s{number}@mail.example") for number in range(40)
]
WORK = [
    ("check", "--connect"),
    ("plan", "-o", "plan.json"),
    ("plan", "--format", "html", "-o", "plan.html"),
    ("plan", "--format", "csv", "-o", "plan.csv"),
    ("apply", "plan.json"),
    ("sync",),
    ("why", "S1"),
    ("accounts", "show", "S2"),
    ("accounts", "archive", "S3", "--apply"),
    ("accounts", "restore", "S3", "--apply"),
    ("accounts", "erase", "S4", "--apply"),
    ("accounts", "export", "--format", "csv", "-o", "accounts.csv"),
    ("accounts", "export", "--format", "json", "-o", "accounts.json"),
    ("runs", "show", "1"),
    ("runs", "show", "1", "--format", "json"),
    ("runs", "undo", "2", "--apply"),
]


def _dresses(secret: bytes) -> set[bytes]:
    """The secret plain and as files and messages would carry it: UTF-16, hexadecimal, Base64, JSON, URL, reversed."""
    text = secret.decode()
    dressed = {secret, text.encode("utf-16-le"), text.encode("utf-16-be"), secret[::-1]}
    dressed |= {
        secret.hex().encode(),
        secret.hex().upper().encode(),
        quote(text).encode(),
        json.dumps(text)[1:-1].encode(),
    }
    for lead in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            body = encode(bytes(lead) + secret)
            dressed.add(body[(0, 2, 3)[lead] : len(body) - len(body) % 4 - 4])
    return dressed


def _kept(folder: Path) -> bytes:
    """Everything that lies in a folder, names of files included."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return b"\n".join(part for path in files for part in (path.name.encode(), path.read_bytes()))


def _found(haystack: bytes, secret: bytes) -> list[bytes]:
    return [dress for dress in _dresses(secret) if dress in haystack]


def _worked(folder: Path) -> bytes:
    """Everything the commands of a week say, with the loudest log."""
    said = []
    for words in WORK:
        answer = trackone("--verbose", "--log-json", *words, folder=folder)
        assert answer.code == 0, (words, answer.err)
        said += [answer.data, answer.err.encode()]
    return b"".join(said)


@pytest.fixture
def folder():
    """A folder in memory, where the system has one."""
    with in_memory() as path:
        yield Path(path)


def test_the_search_finds_what_is_there():
    """The search itself finds a secret in every dress."""
    secret = b"Correct7Horse9Battery"
    for dress in _dresses(secret):
        assert _found(b"lead" + dress + b"end", secret)
    for lead in (b"", b"x", b"xy", b"xyz"):
        assert _found(base64.b64encode(lead + secret + b"tail"), secret)


def test_activation_secrets_are_nowhere(folder, monkeypatch):
    """Not one of the secrets made for new accounts can be found after a week's work, the journal included."""
    made = []

    def noted(random, count):
        made.extend(fresh_secrets(random, count))
        return made[-count:]

    monkeypatch.setattr("connector.credentials.activation.fresh_secrets", noted)
    school = School(folder, RULES.format(method='"random"'))
    school.write(PEOPLE)
    # holds the journal open, so that nothing is tidied away before it is searched
    reader = open_store(f"sqlite:///{folder / 'trackone.db'}", lambda: NOON)
    with reader.view():
        said = _worked(folder)
        assert (folder / "trackone.db-wal").is_file()
        haystack = said + _kept(folder)
    assert len(made) >= len(PEOPLE)
    assert {len(secret) for secret in made} == {19}
    assert [secret for secret in made if _found(haystack, secret)] == []
    assert haystack.count(b"hmac-sha512$") >= len(PEOPLE) - 1


def test_the_default_password_is_nowhere(folder, monkeypatch):
    """The password that all new accounts share is kept as one verifier, and said nowhere."""
    monkeypatch.setenv("TRACKONE_DEFAULT_PASSWORD", "Wombat-Lantern-93!")
    shared = '"default"\ndefault = { env = "TRACKONE_DEFAULT_PASSWORD" }'
    School(folder, RULES.format(method=shared)).write(PEOPLE)
    haystack = _worked(folder) + _kept(folder)
    assert _found(haystack, b"Wombat-Lantern-93!") == []
    assert b"$argon2id$" in haystack


def test_a_password_set_by_hand_is_nowhere(folder):
    """What a person types for an account is kept as a verifier only."""
    school = School(folder, RULES.format(method='"none"'))
    school.write(PEOPLE)
    said = _worked(folder)
    set_it = partial(trackone, "-v", "--log-json", "accounts", "set-password", "S5", "--stdin", folder=folder)
    answers = [set_it(stdin=f"{word}\n") for word in ("Kettle-Orchid-41?", "tooshor")]
    assert [one.code for one in answers] == [0, 2]
    haystack = said + b"".join(one.data + one.err.encode() for one in answers) + _kept(folder)
    assert _found(haystack, b"Kettle-Orchid-41?") == _found(haystack, b"tooshor") == []
    assert b"$argon2id$" in haystack


def test_no_verifier_leaves_the_store(folder):
    """What proves a password is in the database alone: in no plan, report, export, log or record of a run."""
    School(folder, RULES.format(method='"random"')).write(PEOPLE)
    said = _worked(folder)
    files = b"".join(path.read_bytes() for path in folder.iterdir() if not path.name.startswith("trackone.db"))
    assert b"hmac-sha512" not in said + files
    key = bytes.fromhex((folder / "trackone.db.key").read_text())
    for path in folder.iterdir():
        if path.name != "trackone.db.key":
            assert _found(path.read_bytes(), key.hex().encode()) == []
            assert key not in path.read_bytes()


CANARY = "Zephyr{}Quokka-7!"
ONEROSTER = {
    "manifest.csv": "propertyName,value\noneroster.version,1.1\nfile.users,bulk\nfile.orgs,bulk\n",
    "orgs.csv": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\no1,,,North,school,N,\n",
}
USERS = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
USERS += "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n"
PRESETS = {
    "oneroster": ("oneroster", "export"),
    "sds_v21": ("csv", "export"),
    "sds_v2": ("csv", "export"),
    "sds_v1": ("csv", "export"),
}


def _with_passwords(folder: Path, preset: str) -> None:
    """An export of that kind in which every row has a password of its own, one of them in a row that is rejected."""
    export = folder / "export"
    export.mkdir()
    secret = [CANARY.format(number) for number in range(20)]
    if preset == "oneroster":
        rows = [
            f"u{n},,,true,o1,student,user{n},,Given{n},Family{n},,S{n},,,,,07,{word}\n"
            for n, word in enumerate(secret)
        ]
        rows[7] = rows[7].replace("Given7,Family7", ",")
        rows[8] = rows[8].replace("\n", ",one cell too many\n")
        files = {**ONEROSTER, "users.csv": USERS + "".join(rows)}
    elif preset == "sds_v1":
        head = "SIS ID,School SIS ID,First Name,Last Name,Username,Password,Grade,Status\n"
        files = {
            "Student.csv": head
            + "".join(f"S{n},1,Given{n},Family{n},user{n},{w},9,Active\n" for n, w in enumerate(secret))
        }
    elif preset == "sds_v2":
        head = "sourcedId,orgSourcedIds,givenName,familyName,username,password,role,grade\n"
        people = "".join(f"S{n},1,Given{n},Family{n},user{n},{w},Student,6\n" for n, w in enumerate(secret))
        files = {"users.csv": head + people, "orgs.csv": "sourcedId,name,type,parentSourcedId\n1,North,school,\n"}
    else:
        head = "sourcedId,username,givenName,familyName,password,activeDirectoryMatchId,email,phone,sms\n"
        people = "".join(f"S{n},user{n},Given{n},Family{n},{w},,,,\n" for n, w in enumerate(secret))
        roles = "userSourcedId,orgSourcedId,role,grade,isPrimary\n" + "".join(
            f"S{n},1,student,7,TRUE\n" for n in range(20)
        )
        files = {
            "users.csv": head + people,
            "roles.csv": roles,
            "orgs.csv": "sourcedId,name,type,parentSourcedId\n1,North,school,\n",
        }
    for name, text in files.items():
        (export / name).write_text(text)


@pytest.mark.parametrize("preset", PRESETS)
def test_passwords_of_an_export_are_never_read(folder, preset):
    """The column `password` of OneRoster and SDS goes nowhere: no answer, file, store or report has a word of it."""
    reader, path = PRESETS[preset]
    _with_passwords(folder, preset)
    (folder / "students.toml").write_text(RULES.format(method='"none"'))
    (folder / "connector.toml").write_text(
        f'[sis]\nreader = "{reader}"\npath = "{path}"\npreset = "{preset}"\n[mapping]\nfile = "students.toml"\n'
        '[guard]\nmax_rejects = "100%"\n'
    )
    said = _worked(folder)
    assert len(json.loads(trackone("accounts", "export", "--format", "json", folder=folder).out)) >= 16
    for number in range(20):
        assert _found(said, CANARY.format(number).encode()) == []
    for path in folder.iterdir():
        if path.is_file():
            assert b"Quokka" not in path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("connector.toml", '[sis.columns]\nemail = "password"\n'),
        ("connector.toml", '[sis.columns]\nsis_code = "Password"\n'),
        ("students.toml", '[usernames]\nmethod = "column"\ncolumn = "password"\n'),
        ("connector.toml", '[sis.columns]\nflags = ["Password"]\n'),
    ],
)
def test_a_column_of_passwords_cannot_be_asked_for(folder, where, line):
    """Whoever maps the column of passwords to a field or a username is refused before anything is read from it."""
    _with_passwords(folder, "sds_v1")
    (folder / "students.toml").write_text(line if where == "students.toml" else RULES.format(method='"none"'))
    (folder / "connector.toml").write_text(
        '[sis]\nreader = "csv"\npath = "export"\npreset = "sds_v1"\n[mapping]\nfile = "students.toml"\n'
        + (line if where == "connector.toml" else "")
    )
    answer = trackone("plan", folder=folder)
    assert (answer.code, answer.data) == (2, b"")
    assert "password" in answer.err.casefold()
    assert "Quokka" not in answer.err
