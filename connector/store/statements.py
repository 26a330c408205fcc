"""The statements that run a million times, in the driver's own words and rows.

A row costs the driver alone half of what it costs through SQLAlchemy's results, and a sync of a large school is
made of rows. The SQL is what SQLite and PostgreSQL share, but for what dialect.py makes of it; everything rarer in
this room is SQLAlchemy Core.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from connector.store.codec import CREDENTIAL, FACTS, FIELDS, KEYS, NEW, Row
from connector.store.dialect import answer, rows_as_they_come, run_rows
from connector.store.schema import POPULATION

CHUNK = 500
"""How many keys one statement looks up."""
STREAMED = 5000
"""How many rows of a large answer wait in memory."""

_FEW = 4


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _insert(table: str, columns: Sequence[str]) -> str:
    return " ".join(("INSERT INTO", table, "(", ", ".join(columns), ") VALUES (", _marks(len(columns)), ")"))


def _select(columns: str, rest: str) -> str:
    return " ".join(("SELECT", columns, "FROM", rest))


_ACCOUNT = ", ".join(f"accounts.{name}" for name in FIELDS)
_SIGHTING = ("account_id", "digest", "version", "until", "missing_reads", "baseline")
_HOLDER = "accounts.id, accounts.username, accounts.sis_code, accounts.user_type, accounts.archived"
_STUDENTS = "accounts LEFT JOIN sightings ON sightings.account_id = accounts.id WHERE accounts.user_type = 'Student'"
_RESERVATION = ("name_key", "case_key", "username", "account_id", "since")
_KEYS = f"IN ({_marks(CHUNK)})"

_KNOWN = ", ".join((_ACCOUNT, *(f"sightings.{name}" for name in _SIGHTING[1:])))

DIGESTS = "SELECT digest FROM sightings WHERE digest IS NOT NULL AND (until = '' OR until > ?)"
CLAIMED_BY_YEAR = _select("year_level, count(*)", f"accounts WHERE {POPULATION} GROUP BY year_level")
EMAILS = (
    "SELECT email, sis_code FROM accounts "
    "WHERE user_type = 'Student' AND archived = 0 AND email <> '' AND sis_code <> ''"
)
CLAIMED = _select(_KNOWN, f"{_STUDENTS} AND accounts.claimed = 1")
STUDENTS_BY_CODE = _select(_KNOWN, f"{_STUDENTS} AND accounts.code_key {_KEYS}")
ACCOUNTS_BY_ID = _select(_ACCOUNT, f"accounts WHERE accounts.id {_KEYS}")
STANDINGS_BY_ID = _select(
    "id, version, user_type, username, name_key, case_key, code_key", f"accounts WHERE id {_KEYS}"
)
HOLDERS_BY_NAME = _select(f"{_HOLDER}, name_key", f"accounts WHERE name_key {_KEYS}")
HOLDERS_BY_CODE = _select(f"{_HOLDER}, code_key", f"accounts WHERE user_type = ? AND code_key {_KEYS}")
RESERVERS_BY_NAME = _select(
    ", ".join((_HOLDER, *(f"reservations.{name}" for name in _RESERVATION))),
    f"reservations JOIN accounts ON accounts.id = reservations.account_id WHERE reservations.name_key {_KEYS}",
)
EVERYBODY = _select(
    _ACCOUNT, "accounts WHERE user_type <> 'System' AND (? = '' OR user_type = ?) ORDER BY sis_code, username"
)
RESERVATIONS_BY_NAME = _select(", ".join(_RESERVATION), f"reservations WHERE name_key {_KEYS}")
ANY_RESERVATION = "SELECT 1 FROM reservations LIMIT 1"
RESERVATION_OUTCOMES = _select(
    ", ".join((*_RESERVATION, "effect")),
    f"reservation_outcomes WHERE run = ? AND account_id {_KEYS} ORDER BY sequence",
)

INSERT_ACCOUNT = _insert("accounts", (*FIELDS, *KEYS, *CREDENTIAL))
# What every plain new account has is said once, in the statement.
_ALIKE = {
    "version": "1",
    "user_type": "'Student'",
    "approved": "1",
    "locked_out": "0",
    "archived": "0",
    **dict.fromkeys(("external_ids", "denies", "archived_by", "disabled_by", "last_sign_in"), "''"),
    **dict.fromkeys(("case_key", "expires"), "''"),
}
INSERT_NEW = " ".join(
    (
        *("INSERT INTO accounts (", ", ".join((*NEW, *_ALIKE)), ") VALUES ("),
        *(_marks(len(NEW)), ",", ", ".join(_ALIKE.values()), ")"),
    )
)
# An indexed column that is set is written again even when it stays the same: most changes move no key.
UPDATE_ACCOUNT = " ".join(("UPDATE accounts SET", ", ".join(f"{name} = ?" for name in FACTS), "WHERE id = ?"))
PARK_ACCOUNT = "UPDATE accounts SET name_key = ?, code_key = NULL WHERE id = ?"
MOVE_ACCOUNT = "UPDATE accounts SET user_type = ?, name_key = ?, case_key = ?, code_key = ? WHERE id = ?"
DELETE_ACCOUNT = "DELETE FROM accounts WHERE id = ?"
DELETE_SIGHTING = "DELETE FROM sightings WHERE account_id = ?"
DELETE_RESERVATIONS = "DELETE FROM reservations WHERE account_id = ?"
INSERT_RESERVATION = _insert("reservations", _RESERVATION)
DELETE_RESERVATION = "DELETE FROM reservations WHERE name_key = ?"
INSERT_RESERVATION_OUTCOME = _insert("reservation_outcomes", ("run", "sequence", "effect", *_RESERVATION))
TAKE_BACK = (
    "DELETE FROM outcomes WHERE account_id >= ?",
    "DELETE FROM sightings WHERE account_id >= ?",
    "DELETE FROM accounts WHERE id >= ?",
)
FORGET_DIGEST = "UPDATE sightings SET digest = NULL WHERE account_id = ?"
INSERT_OUTCOME = _insert(
    "outcomes", ("run", "sequence", "account_id", "action", "changed", "reasons", "before_image", "after_image")
)
# The account itself is the image of its creation, until its first change writes that image here.
_CREATION = "INSERT INTO outcomes (run, sequence, account_id, reasons, action, changed, before_image, after_image)"
INSERT_CREATION = f"{_CREATION} VALUES (?, ?, ?, ?, 'create', '', '', '')"
# Those of many new accounts, but for the ones that are there.
INSERT_CREATIONS = " ".join(
    (
        _CREATION,
        "SELECT CAST(? AS INTEGER), id + CAST(? AS INTEGER), id, CAST(? AS TEXT), 'create', '', '', '' FROM accounts",
        "WHERE id BETWEEN ? AND ? AND id NOT IN",
        "(SELECT account_id FROM outcomes WHERE run = ? AND sequence BETWEEN ? AND ?)",
    )
)
KEEP_FIRST_IMAGE = (
    "UPDATE outcomes SET after_image = ? WHERE account_id = ? AND action = 'create' AND after_image = ''"
)
DELETE_EXTERNAL_IDS = "DELETE FROM external_ids WHERE account_id = ?"
INSERT_EXTERNAL_ID = _insert("external_ids", ("client", "account_id", "external_id"))

SO_FAR = """
SELECT counts, (SELECT max(sequence) FROM outcomes WHERE run = runs.number),
  (SELECT max(sequence) FROM reservation_outcomes WHERE run = runs.number)
FROM runs WHERE number = ?"""
FINISH_RUN = "UPDATE runs SET finished_at = ?, counts = ?, summary = ?, accepted = ? WHERE number = ?"
LAST_IDS = "SELECT (SELECT max(id) FROM accounts), (SELECT max(account_id) FROM outcomes)"

INSERT_SIGHTING = _insert("sightings", _SIGHTING)
INSERT_FIRST_SEEN = (
    "INSERT INTO sightings (account_id, digest, version, until, missing_reads, baseline) VALUES (?, ?, 1, '', 0, 1)"
)
_REPLACE = "ON CONFLICT (account_id) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in _SIGHTING[1:]
)
REPLACE_SIGHTING = f"{INSERT_SIGHTING} {_REPLACE}"
# A digest is kept only for the account as it stands: live, and of the version the digest was taken from.
NOTE_SIGHTING = " ".join(
    (
        "INSERT INTO sightings (",
        ", ".join(_SIGHTING),
        ") SELECT id, CASE WHEN version = ? AND archived = 0 THEN CAST(? AS BIGINT) END,",
        "CAST(? AS INTEGER), CAST(? AS TEXT), CAST(? AS INTEGER), CAST(? AS INTEGER) FROM accounts WHERE id = ?",
        _REPLACE,
    )
)
NOTE_FACTS = (
    "UPDATE accounts SET claimed = CASE WHEN ? = 1 THEN 1 ELSE claimed END, "
    "stable_id = CASE WHEN ? = '' THEN stable_id ELSE ? END WHERE id = ?"
)


def fetch(connection: Connection, statement: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
    """The rows of a statement as they come."""
    return rows_as_they_come(connection, statement, parameters)


def stream(connection: Connection, statement: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
    """The rows of a statement that may have as many as there are accounts, never all in memory."""
    with answer(connection, statement, parameters, large=True) as cursor:
        while rows := cursor.fetchmany(STREAMED):
            yield from rows


def fetch_by_key(connection: Connection, statement: str, keys: Iterable[Any], *parameters: Any) -> Iterator[Row]:
    """The rows of a statement that takes `parameters` and then CHUNK keys, for any number of keys."""
    waiting = iter(keys)
    while chunk := tuple(islice(waiting, CHUNK)):
        size = CHUNK if len(chunk) > _FEW else _FEW
        padded = chunk + chunk[-1:] * (size - len(chunk))
        yield from fetch(connection, _for_few(statement) if size == _FEW else statement, (*parameters, *padded))


@lru_cache(maxsize=64)
def _for_few(statement: str) -> str:
    """The same statement for _FEW keys: a single change looks up one or two."""
    return statement.replace(_KEYS, f"IN ({_marks(_FEW)})")


def run_many(connection: Connection, statement: str, rows: Sequence[Row]) -> None:
    """Run a statement once for each row of parameters."""
    if rows:
        run_rows(connection, statement, rows)
