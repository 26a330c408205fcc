"""The command on a live SIS: what a good read shows, and how a bad one ends."""

import json
from pathlib import Path

import pytest

from tests.cli.command import trackone
from tests.servers.oneroster import CLIENT, SECRET, OneRoster, always
from tests.sources.same_school import COLUMNS, PEOPLE, oneroster_records, write_sqlite

MAPPING = '[usernames]\nmethod = "student_code"\n[passwords]\nmethod = "none"\n'
REST = """
[sis]
reader = "oneroster-rest"
url = "{url}"
[sis.connection]
client_id = "{client}"
client_secret = {{ file = "secret.txt" }}
token_url = "{token_url}"
allow_plaintext = true
[mapping]
file = "students.toml"
"""
SQL = """
[sis]
reader = "sql"
url = "sqlite:///sis.db"
query = "{query}"
[mapping]
file = "students.toml"
[sis.columns]
{columns}
"""


def lay(folder: Path, text: str, secret: str = SECRET) -> Path:
    """A school with that configuration."""
    (folder / "students.toml").write_text(MAPPING, encoding="utf-8")
    (folder / "secret.txt").write_text(secret + "\n", encoding="utf-8")
    (folder / "connector.toml").write_text(text, encoding="utf-8")
    return folder


def rest(service: OneRoster) -> str:
    """The configuration that reads the service."""
    return REST.format(url=service.url, client=CLIENT, token_url=service.token_url)


def sql(query: str) -> str:
    """The configuration that sends a query."""
    columns = "\n".join(f'{name} = "{headers[0]}"' for name, headers in COLUMNS.items())
    return SQL.format(query=query, columns=columns)


def test_a_service_is_checked_and_synchronised(tmp_path: Path) -> None:
    """check says what it saw, sync makes the accounts, and the second sync finds nothing to do."""
    with OneRoster(oneroster_records("1.2"), auth="oauth2") as service:
        folder = lay(tmp_path, rest(service))
        checked = trackone("check", "--connect", folder=folder)
        assert f"OneRoster 1.2 over REST, {service.url.split('/')[2]}: {len(PEOPLE)} rows, 65 active" in checked.out
        assert "65 accounts created" in trackone("sync", folder=folder).out
        assert "65 unchanged" in trackone("sync", folder=folder).out


WRONG = {
    "a wrong secret": ("", "wr0ng", "401 Unauthorized: invalid_client, Unknown client\n  Check client_id"),
    "a fault of the service": ("500", SECRET, "500 Internal Server Error: failure, Come back later"),
    "another page": ("page for people", SECRET, "the SIS answered text/html, not JSON\n  Check [sis] url"),
}


@pytest.mark.parametrize(("mishap", "secret", "words"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("command", ["sync", "plan", "align"])
def test_a_read_that_fails(tmp_path: Path, command: str, mishap: str, secret: str, words: str) -> None:
    """A read that fails ends with code 1 and the service's words, in at most three lines, and leaves no account."""
    with OneRoster(oneroster_records("1.2"), auth="oauth2", mishap=always("students", mishap)) as service:
        directory = '[directory]\nurl = "ldif:export.ldif"\n' if command == "align" else ""
        folder = lay(tmp_path, rest(service) + directory, secret)
        if directory:
            (folder / "export.ldif").write_text("dn: CN=a\ncn: a\nobjectClass: person\n\n", encoding="utf-8")
        answer = trackone(command, folder=folder)
    assert (answer.code, words in answer.err) == (1, True), answer.err
    assert len(answer.err.splitlines()) <= 3
    assert "wr0ng" not in answer.err
    assert json.loads(trackone("accounts", "export", "--format", "json", folder=folder).out) == []


def test_a_database_is_synchronised(tmp_path: Path) -> None:
    """The same school from a SELECT."""
    write_sqlite(tmp_path / "sis.db")
    folder = lay(tmp_path, sql("SELECT * FROM students"))
    assert f"SQL, sqlite sis.db: {len(PEOPLE)} rows, 65 active" in trackone("check", "--connect", folder=folder).out
    assert "65 accounts created" in trackone("sync", folder=folder).out


QUERIES = {
    "an unknown column": ("SELECT nope FROM students", 1, "no such column: nope"),
    "a mapped column that is not selected": ("SELECT Code FROM students", 2, 'query has no column "Given"'),
    "a statement that writes": ("DROP TABLE students", 2, "expected one SELECT"),
    "nobody": ("SELECT * FROM students WHERE 1 = 0", 3, "empty-read"),
}


@pytest.mark.parametrize(("query", "code", "words"), QUERIES.values(), ids=QUERIES)
def test_queries_that_go_wrong(tmp_path: Path, query: str, code: int, words: str) -> None:
    """The exit code says whether the database, the configuration or the guard said no."""
    write_sqlite(tmp_path / "sis.db")
    answer = trackone("sync", folder=lay(tmp_path, sql(query)))
    assert (answer.code, words in answer.err + answer.out) == (code, True), answer.err + answer.out
