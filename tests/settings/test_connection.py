"""[sis.connection]: what each way of reading a live SIS needs, and what is refused."""

from pathlib import Path

import pytest

from connector.domain.errors import ConfigError
from connector.domain.ruleset import SecretRef
from connector.settings.load import load_settings

ENVIRON = {"SECRET": "s"}
MAPPING = '[usernames]\nmethod = "student_code"\n[passwords]\nmethod = "none"\n'
REST = 'reader = "oneroster-rest"\nurl = "https://sis.example/ims/oneroster/rostering/v1p2"\n[sis.connection]\n'
OAUTH2 = 'client_id = "t"\nclient_secret = { env = "SECRET" }\ntoken_url = "https://sis.example/token"\n'
SQL = 'reader = "sql"\nurl = "postgresql+psycopg://reader@db/sis"\n'


def load(folder: Path, sis: str):
    """The settings of a [sis] table."""
    (folder / "students.toml").write_text(MAPPING, encoding="utf-8")
    file = folder / "connector.toml"
    file.write_text(f'[mapping]\nfile = "students.toml"\n[sis]\n{sis}', encoding="utf-8")
    return load_settings(file, ENVIRON)


def test_oauth2(tmp_path: Path) -> None:
    """A complete table becomes the values the reader works with; the version is the url's."""
    made = load(tmp_path, REST + OAUTH2 + 'ca_file = "ca.pem"\nfull_every = "12h"\n').sis.connection
    assert (made.auth, made.client_id, made.secret) == ("oauth2", "t", SecretRef(env="SECRET"))
    assert (made.version, made.ca_file, made.timeout.total_seconds()) == ("1.2", tmp_path / "ca.pem", 900)


@pytest.mark.parametrize("auth", ["oauth1-sha1", "oauth1-sha256"])
def test_oauth1_needs_no_token_url(tmp_path: Path, auth: str) -> None:
    """OAuth 1.0a signs with client_id and client_secret alone."""
    table = f'auth = "{auth}"\nclient_id = "t"\nclient_secret = {{ env = "SECRET" }}\nversion = "1.1"\n'
    assert load(tmp_path, REST + table).sis.connection.version == "1.1"


def test_sql(tmp_path: Path) -> None:
    """A URL and a SELECT; a SQLite file is found beside connector.toml."""
    query = "query = \"SELECT a -- it's; one\\nFROM b WHERE c = ';' ;\"\n"
    assert load(tmp_path, SQL + query).sis.connection.query.startswith("SELECT a")
    made = load(tmp_path, 'reader = "sql"\nurl = "sqlite:///sis.db"\nquery = "with a as (select 1) select 2"\n')
    assert made.sis.connection.url == f"sqlite:///{tmp_path / 'sis.db'}"


WRONG = {
    "no url": ('reader = "oneroster-rest"\n', "[sis] url: expected an address"),
    "in clear": (REST.replace("https", "http") + OAUTH2, "[sis] url: http:// sends secrets in clear"),
    "in clear to another": (
        REST.replace("https", "http") + OAUTH2 + "allow_plaintext = true\n",
        "[sis] url: http:// sends secrets in clear",
    ),
    "a password in the address": (REST.replace("sis.example", "a:b@sis.example") + OAUTH2, "without a user"),
    "a token url in clear": (REST + OAUTH2.replace("https", "http"), "[sis.connection] token_url: http:// sends"),
    "no version": (REST.replace("/v1p2", "") + OAUTH2, "[sis.connection] version: missing"),
    "no client": (REST, "[sis.connection] client_id: missing for this auth"),
    "no secret": (REST + 'client_id = "t"\n', "[sis.connection] client_secret: missing"),
    "no token url": (REST + OAUTH2.partition("token_url")[0], "[sis.connection] token_url: missing"),
    "no token": (REST + 'auth = "bearer"\n', "[sis.connection] token: missing"),
    "a secret in the file": (REST + 'auth = "bearer"\ntoken = "hunter2"\n', "secrets are not kept in this file"),
    "a variable that is not set": (
        REST + 'auth = "bearer"\ntoken = { env = "NOWHERE" }\n',
        "[sis.connection] token: the environment variable NOWHERE is not set",
    ),
    "whole reads too seldom": (REST + OAUTH2 + 'full_every = "7d"\n', "[sis.connection] full_every: everything"),
    "pages too large": (REST + OAUTH2 + "page_size = 100000\n", "[sis.connection] page_size"),
    "no query": (SQL, "[sis] query: missing"),
    "a query that writes": (f'{SQL}query = "TRUNCATE students"\n', "[sis] query: expected one SELECT"),
    "a comment before it": (SQL + 'query = "/* SELECT */ DROP TABLE a"\n', "[sis] query: expected one SELECT"),
    "two statements": (f"{SQL}query = \"SELECT ';' ; SELECT 2\"\n", "not several statements"),
    "no SQLAlchemy URL": ('reader = "sql"\nurl = "db"\nquery = "SELECT 1"\n', "[sis] url: expected a SQLAlchemy URL"),
}


@pytest.mark.parametrize(("sis", "words"), WRONG.values(), ids=WRONG)
def test_what_is_refused(tmp_path: Path, sis: str, words: str) -> None:
    """Whatever is missing or unsafe is named by its key before anything is read, and no secret is shown."""
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, sis)
    assert words in refused.value.message
    assert "hunter2" not in refused.value.message


def test_a_connection_nobody_uses_is_told(tmp_path: Path) -> None:
    """Beside a file the table does nothing, and that is said."""
    made = load(tmp_path, 'reader = "csv"\n[sis.connection]\npage_size = 5\n[sis.columns]\nsis_code = "a"\n')
    assert any("[sis.connection] is not used" in line for line in made.warnings)


def test_a_store_elsewhere(tmp_path: Path) -> None:
    """Its state is kept here, in the file that is named or one of its own; the token is found, and never shown."""
    sis = 'path = "a.csv"\n[sis.columns]\nsis_code = "a"\n[store]\nurl = "scim+https://t.example/scim/v2"\n'
    made = load(tmp_path, sis + 'token = { env = "SECRET" }\n').store
    assert (made.remote, made.token) == ("https://t.example/scim/v2", "s")
    assert made.url == f"sqlite:///{tmp_path / 'trackone-state.db'}"
    assert "'s'" not in repr(made)
    with pytest.raises(ConfigError, match=r"\[store\] token: missing for a store elsewhere"):
        load(tmp_path, sis)
    with pytest.raises(ConfigError, match=r"\[store\] url: expected"):
        load(tmp_path, sis.replace("https", "http"))
