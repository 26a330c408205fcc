"""One SELECT on its way: connected, read-only, limited in time, and never anything but rolled back."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from connector.domain.errors import ConfigError, SourceError
from connector.settings.values import SisConnection

_CONNECT = 10
"""Seconds to connect, where a driver takes such a limit."""

_STEPS = 100_000
"""After how many steps of its machine SQLite asks whether to go on."""

_CONNECT_ARGS = {
    "postgresql": {"connect_timeout": _CONNECT},
    "mssql": {"timeout": _CONNECT},
    "mysql": {"connect_timeout": _CONNECT},
    "mariadb": {"connect_timeout": _CONNECT},
}
_DATA = "22"
"""The class of SQLSTATEs of values that do not fit; such messages quote the value, which may be somebody's name."""
_QUERY = "Check [sis] url and query."
_SIGN_IN = "Check the user in [sis] url and the password that [sis.connection] password names."
_HOST = "Check host, port and database in [sis] url, and that the server can be reached from this machine."
_REFUSED = re.compile(r"authentication|password|login failed|access denied|ORA-01017|SQL30082N", re.IGNORECASE)
"""What databases say of a sign-in that they refuse; not every driver gives a SQLSTATE as it connects."""
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_READ_ONLY = {
    "postgresql": ("SET TRANSACTION READ ONLY", "SET LOCAL statement_timeout = {milliseconds}"),
    "sqlite": ("PRAGMA query_only = ON",),
    "mysql": ("SET SESSION TRANSACTION READ ONLY",),
    "mariadb": ("SET SESSION TRANSACTION READ ONLY",),
    "oracle": ("SET TRANSACTION READ ONLY",),
    "mssql": ("SET LOCK_TIMEOUT {milliseconds}",),
}
"""What is said first, by dialect. SQL Server knows no read-only transaction: there the account's rights decide."""


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT and where it is sent; `seconds` is the limit for all of it, `secret` is kept out of messages."""

    url: URL
    text: str
    seconds: float
    secret: str

    @property
    def place(self) -> str:
        """The database as messages name it, without user and password."""
        where = self.url.host or (Path(self.url.database).name if self.url.database else "")
        return f"{self.url.get_backend_name()} {where}".strip()

    @contextmanager
    def sent(self, is_over: Callable[[], bool]) -> Iterator[CursorResult[Any]]:
        """The answer, to be read in a stream; once `is_over`, what can be broken off is.

        Raises SourceError, and ConfigError where the driver is not there.
        """
        with self._translated(), closing(self._connect()) as connection:
            self._limit(connection, is_over)
            for statement in _READ_ONLY.get(self.url.get_backend_name(), ()):
                connection.exec_driver_sql(statement.format(milliseconds=int(self.seconds * 1000)))
            options = {"stream_results": True, "max_row_buffer": 1000, "no_parameters": True}
            with closing(connection.execution_options(**options).exec_driver_sql(self.text)) as result:
                yield result

    def _connect(self) -> Connection:
        name = self.url.get_backend_name()
        if name == "sqlite" and self.url.database and not Path(self.url.database).is_file():
            raise SourceError(f"{self.place} is not there", hint="Check [sis] url in connector.toml.")
        try:
            engine = create_engine(self.url, poolclass=NullPool, connect_args=dict(_CONNECT_ARGS.get(name, {})))
        except ImportError as error:
            raise ConfigError(
                f"[sis] url asks for the driver {error.name}, which is not installed",
                hint=f"Install it beside trackone: pip install {error.name}",
            ) from error
        with self._translated(_connecting):
            return engine.connect()

    def _limit(self, connection: Connection, is_over: Callable[[], bool]) -> None:
        """Let the driver itself end a query in time, where it can."""
        raw: Any = connection.connection.driver_connection
        if self.url.get_backend_name() == "sqlite":
            raw.set_progress_handler(lambda: int(is_over()), _STEPS)
        elif self.url.get_driver_name() == "pyodbc":
            raw.timeout = max(1, int(self.seconds))

    @contextmanager
    def _translated(self, step: Callable[[BaseException], str] = lambda _: _QUERY) -> Iterator[None]:
        """Turn what the database says into a SourceError with its first line and the next `step`."""
        try:
            yield
        except SQLAlchemyError as error:
            said = (error.orig if isinstance(error, DBAPIError) else None) or error
            raise SourceError(f"{self.place}: {self._words(said)}", hint=step(said)) from error

    def _words(self, error: BaseException) -> str:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        words = lines[0] if lines else type(error).__name__
        if _state_of(error).startswith(_DATA):
            words = _QUOTED.sub("...", words)
        return words.replace(self.secret, "***") if self.secret else words


def _connecting(error: BaseException) -> str:
    """The next step where there was no connection: SQLSTATE class 28 is a sign-in that is refused."""
    return _SIGN_IN if _state_of(error).startswith("28") or _REFUSED.search(str(error)) else _HOST


def _state_of(error: BaseException) -> str:
    """The SQLSTATE, which ODBC gives as the first of an error's arguments; empty where a driver has none."""
    return str(getattr(error, "sqlstate", None) or next(iter(error.args), ""))


def query_of(connection: SisConnection, password: str) -> Query:
    """The Query of [sis] url and query. Raises ConfigError for a URL that SQLAlchemy does not know."""
    try:
        url = make_url(connection.url)
        url.get_dialect()
    except NoSuchModuleError as error:
        name = re.split(r"[+:]", connection.url, maxsplit=1)[0]
        raise ConfigError(
            f"[sis] url: SQLAlchemy knows no database called {name}",
            hint=f"{_EXAMPLE} Some databases need a dialect of their own beside it (DB2: pip install ibm_db_sa).",
        ) from error
    except ArgumentError as error:
        raise ConfigError("[sis] url is no SQLAlchemy URL", hint=_EXAMPLE) from error
    if password:
        url = url.set(password=password)
    text = connection.query.strip().rstrip(";").rstrip()
    return Query(url, text, connection.timeout.total_seconds(), password or url.password or "")


_EXAMPLE = 'Write for example url = "mssql+pyodbc://trackone@SYNERGETIC".'
