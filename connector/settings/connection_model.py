"""[sis.connection]: how a live SIS is reached, and what must be said for each way of signing in."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator

from connector.settings.faults import shown, wrong
from connector.settings.tables import Table, option
from connector.settings.value_kinds import OptionalPath, OptionalSpan, SecretTable, Span, WordList

if TYPE_CHECKING:
    from connector.settings.connector_model import SisTable

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_SELECT = re.compile(r"\s*\(*\s*(select|with)\b", re.IGNORECASE)
_LITERALS = re.compile(r"'[^']*'|\"[^\"]*\"")


def _read_token_url(value: object) -> str:
    if not isinstance(value, str) or (value and not re.fullmatch(r"https?://[^/\s]\S{0,1000}", value)):
        raise wrong('expected an address such as "https://sis.example/oauth2/token"')
    return value


class ConnectionTable(Table):
    """How a live SIS is reached: OneRoster REST and SQL."""

    auth: Literal["oauth2", "oauth1-sha256", "oauth1-sha1", "bearer"] = option(
        "oneroster-rest: how requests are signed: OAuth 2 client credentials, OAuth 1.0a with HMAC-SHA256 or "
        "HMAC-SHA1, or a fixed bearer token.",
        '"oauth2"',
        default="oauth2",
    )
    client_id: str = option("oauth2 and oauth1: the client id, or consumer key.", '"trackone"', default="")
    client_secret: SecretTable | None = option(
        "oauth2 and oauth1: where the client's secret is.", '{ env = "TRACKONE_SIS_SECRET" }', default=None
    )
    token_url: Annotated[str, BeforeValidator(_read_token_url)] = option(
        "oauth2: where tokens are given out.", '"https://sis.school.example/oauth2/token"', default=""
    )
    scopes: WordList = option(
        "oauth2: the scopes asked for. Left out: those of OneRoster for reading the roster.",
        '["https://purl.imsglobal.org/spec/or/v1p2/scope/roster-core.readonly"]',
        default=(),
    )
    token: SecretTable | None = option("bearer: where the token is.", '{ env = "TRACKONE_SIS_TOKEN" }', default=None)
    password: SecretTable | None = option(
        "sql: where the password of the user in url is.", '{ env = "TRACKONE_SIS_PASSWORD" }', default=None
    )
    version: Literal["", "1.1", "1.2"] = option(
        "oneroster-rest: the version. Left out: as the url says (v1p1, v1p2).", '"1.2"', default=""
    )
    page_size: int = option(
        "oneroster-rest: how many records one request asks for.", "1000", default=1000, ge=1, le=10_000
    )
    full_every: OptionalSpan = option(
        "oneroster-rest: read only what changed, and everything this often. Left out: everything each time.",
        '"24h"',
        default="",
    )
    timeout: Span = option("How long a whole read may take, retries included.", '"15m"', default="15m")
    ca_file: OptionalPath = option(
        "oneroster-rest: the certificate authority of the SIS, where this machine does not know it.",
        '"school-ca.pem"',
        default="",
    )
    allow_plaintext: bool = option(
        "oneroster-rest: whether http:// is allowed; only to this machine.", "true", default=False
    )


def check_connection(sis: "SisTable") -> None:
    """Whether [sis] says enough for its live reader. Raises the error of a validator of [sis]."""
    if sis.reader == "oneroster-rest":
        _check_service(sis)
    elif sis.reader == "sql":
        _check_query(sis)


def _check_service(sis: "SisTable") -> None:
    connection = sis.connection
    _check_address(sis.url, "url", plain=connection.allow_plaintext)
    _check_full_every(connection)
    if not (connection.version or version_in(sis.url)):
        raise wrong('missing, and the url does not say it; write "1.1" or "1.2"', "connection", "version")
    if connection.auth == "bearer":
        _need(connection.token, "token", 'token = { env = "TRACKONE_SIS_TOKEN" }')
        return
    _need(connection.client_id, "client_id", 'client_id = "trackone"')
    _need(connection.client_secret, "client_secret", 'client_secret = { env = "TRACKONE_SIS_SECRET" }')
    if connection.auth == "oauth2":
        _need(connection.token_url, "token_url", 'token_url = "https://sis.school.example/oauth2/token"')
        _check_address(connection.token_url, "connection", "token_url", plain=connection.allow_plaintext)


def _check_full_every(connection: ConnectionTable) -> None:
    if connection.full_every is not None and connection.full_every > timedelta(days=1):
        raise wrong('everything is read once a day at least; write at most "24h"', "connection", "full_every")


def _need(value: object, key: str, example: str) -> None:
    if not value:
        raise wrong(f"missing for this auth; e.g. {example}", "connection", key)


def _check_address(url: str, *path: str, plain: bool) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise wrong(f"{shown(url)} is no address", *path) from None
    if parts.scheme not in ("http", "https") or not host:
        raise wrong('expected an address such as "https://sis.example/ims/oneroster/rostering/v1p2"', *path)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise wrong("expected an address without a user, a query or a fragment", *path)
    if parts.scheme == "http" and not (plain and host in _LOOPBACK):
        raise wrong("http:// sends secrets in clear; use https://", *path)


def version_in(url: str) -> str:
    """The version of OneRoster that an address names, or nothing."""
    return next((version for sign, version in (("/v1p1", "1.1"), ("/v1p2", "1.2")) if sign in url.lower()), "")


def _check_query(sis: "SisTable") -> None:
    if not re.fullmatch(r"[a-zA-Z][\w+]*://[^\x00-\x1f]{0,2000}", sis.url):
        raise wrong('expected a SQLAlchemy URL, e.g. url = "mssql+pyodbc://trackone@SYNERGETIC"', "url")
    bare = _COMMENTS.sub(" ", sis.query).strip().rstrip(";").rstrip()
    if not bare:
        raise wrong('missing; e.g. query = "SELECT * FROM vStudents"', "query")
    if not _SELECT.match(bare):
        raise wrong("expected one SELECT (it may begin with WITH); nothing else is sent to the SIS", "query")
    if ";" in _LITERALS.sub("", bare):
        raise wrong("expected one SELECT, not several statements", "query")
