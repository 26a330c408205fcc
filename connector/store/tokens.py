"""The keys of SCIM clients, beside the accounts."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from connector.domain.client import ClientKey, Kind
from connector.domain.errors import BusyError
from connector.store.codec import moment_of, moment_text
from connector.store.faults import Place, explained
from connector.store.schema import tokens
from connector.store.sqlite import IMMEDIATE


class SqlClientKeys:
    """What `ClientKeys` promises, on a SQL database."""

    def __init__(self, engine: Engine, place: Place) -> None:
        self._engine = engine
        self._place = place

    def key(self, key_id: str) -> ClientKey | None:
        """The key with that id, or None."""
        with self._reading() as connection:
            row = connection.execute(select(tokens).where(tokens.c.id == key_id)).first()
            return _key(row) if row is not None else None

    def keys(self) -> list[ClientKey]:
        """Every key there ever was, by client, the newest last."""
        with self._reading() as connection:
            rows = connection.execute(select(tokens).order_by(tokens.c.client, tokens.c.made, tokens.c.id))
            return [_key(row) for row in rows]

    def add(self, key: ClientKey, most_live: int) -> bool:
        """Keep a new key; False, and nothing is kept, where its client has so many live ones of its kind."""
        live = select(func.count()).where(
            tokens.c.client == key.client,
            tokens.c.kind == key.kind.value,
            tokens.c.revoked == "",
            tokens.c.expires > moment_text(key.made),
        )
        with self._writing() as connection:
            if (connection.scalar(live) or 0) >= most_live:
                return False
            connection.execute(insert(tokens).values(**_stored(key)))
            return True

    def revoke(self, key_id: str, now: datetime) -> bool:
        """End a key; False where it has ended before or there is none."""
        mine = update(tokens).where(tokens.c.id == key_id, tokens.c.revoked == "")
        with self._writing() as connection:
            return bool(connection.execute(mine.values(revoked=moment_text(now))).rowcount)

    def note_use(self, key_id: str, now: datetime) -> None:
        """Remember that it was used; not while somebody else writes, since a request is not to wait for it."""
        mine = update(tokens).where(tokens.c.id == key_id).values(last_used=moment_text(now))
        with suppress(BusyError), self._writing(write_waits=False) as connection:
            connection.execute(mine)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with explained(self._place), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self, *, write_waits: bool = True) -> Iterator[Connection]:
        engine = self._engine.execution_options(**IMMEDIATE, write_lock="tokens", write_waits=write_waits)
        with explained(self._place), engine.begin() as connection:
            yield connection


def _stored(key: ClientKey) -> dict[str, str]:
    moments = {name: moment_text(getattr(key, name)) for name in ("made", "expires", "revoked", "last_used")}
    return {**key._asdict(), **moments, "kind": key.kind.value}


def _key(row: Row[Any]) -> ClientKey:
    made, expires = datetime.fromisoformat(row.made), datetime.fromisoformat(row.expires)
    ends = (moment_of(row.revoked), moment_of(row.last_used))
    return ClientKey(row.id, row.client, Kind(row.kind), row.digest, row.scope, made, row.made_by, expires, *ends)
