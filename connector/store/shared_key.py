"""The key of a store that several machines use: a file on each; the store keeps its digest, to know it again."""

from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select

from connector.domain.errors import StoreError
from connector.store.keyfile import signing_key
from connector.store.schema import state
from connector.store.sqlite import IMMEDIATE

NOTED = "plan_key"
"""Under this word the state of the store keeps the key's digest, which tells nothing of the key."""


def shared_key(file: Path, engine: Engine) -> bytes:
    """The key in `file`; made on first use, but only for a store that has never seen one.

    Raises StoreError where the file is missing or holds another key than the store was first used with.
    """
    with engine.begin() as connection:
        noted = _noted(connection)
    if noted is None:
        with engine.execution_options(**IMMEDIATE).begin() as connection:
            noted = _noted(connection) or note_key(connection, signing_key(file))
    if not file.exists():
        raise StoreError(
            f"the plan key {file} is not there, though this store has one",
            hint="copy it from the machine that has it, with mode 0600; [store] key_file says where it lies",
        )
    key = signing_key(file)
    if key_digest(key) != noted:
        raise StoreError(
            f"the plan key {file} is not the one that this store was first used with",
            hint="copy the file from the machine that has the right one; [store] key_file says where it lies",
        )
    return key


def note_key(connection: Connection, key: bytes) -> str:
    """Note the key of a new store; returns its digest."""
    digest = key_digest(key)
    connection.execute(insert(state).values(key=NOTED, value=digest))
    return digest


def key_digest(key: bytes) -> str:
    """What the store remembers of a key."""
    return sha256(b"trackone plan key" + key).hexdigest()


def _noted(connection: Connection) -> str | None:
    return connection.scalar(select(state.c.value).where(state.c.key == NOTED))
