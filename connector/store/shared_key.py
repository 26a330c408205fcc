"""The key of a store that several machines use: a file on each; the store keeps its digest, to know it again."""

from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.postgresql import insert

from connector.domain.errors import StoreError
from connector.store.keyfile import signing_key
from connector.store.schema import state

NOTED = "plan_key"
"""Under this word the state of the store keeps the key's digest, which tells nothing of the key."""

_ANOTHER_COPY = (
    "copy the file from another machine that has it, or from a backup, with mode 0600; "
    "a new key would be refused, since this store was first used with the old one"
)


def shared_key(file: Path, engine: Engine) -> bytes:
    """The key in `file`; made on first use, but only for a store that has never seen one.

    Raises StoreError where the file is missing or holds another key than the store was first used with.
    """
    # In no transaction, since a run that asks for the key is in one of its own and has the write lock.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        noted = _noted(connection)
        if noted is None:
            note_key(connection, signing_key(file))
            noted = _noted(connection)
    if not file.exists():
        raise StoreError(
            f"the plan key {file} is not there, though this store has one",
            hint="copy it from the machine that has it, with mode 0600; [store] key_file says where it lies",
        )
    key = signing_key(file, _ANOTHER_COPY)
    if key_digest(key) != noted:
        raise StoreError(
            f"the plan key {file} is not the one that this store was first used with",
            hint="copy the file from the machine that has the right one; [store] key_file says where it lies",
        )
    return key


def note_key(connection: Connection, key: bytes) -> None:
    """Note the key of a store that has none; another process may have been first."""
    connection.execute(insert(state).values(key=NOTED, value=key_digest(key)).on_conflict_do_nothing())


def key_digest(key: bytes) -> str:
    """What the store remembers of a key."""
    return sha256(b"trackone plan key" + key).hexdigest()


def _noted(connection: Connection) -> str | None:
    return connection.scalar(select(state.c.value).where(state.c.key == NOTED))
