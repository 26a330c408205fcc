"""The key that signs plan files: 32 random bytes in a private file beside the database."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from connector.domain.errors import StoreError
from connector.store.faults import explained_file

KEY_BYTES = 32


_MADE_ANEW = "remove the file; a new key is made, and plans signed with the old one must be made again"


def signing_key(path: Path, if_damaged: str = _MADE_ANEW) -> bytes:
    """The key in `path`; made on first use, whole or not at all, and never twice.

    Raises StoreError, with `if_damaged` as the next step where the file holds no key.
    """
    with explained_file(path):
        if not path.exists():
            _make(path)
        text = path.read_text("ascii", errors="replace").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise StoreError(
            f"the plan key {path} is damaged: expected {2 * KEY_BYTES} hexadecimal digits",
            hint=if_damaged,
        )
    return key


def place_key(path: Path, key: bytes) -> None:
    """Put a key in `path`, or find that very key there. Raises StoreError where another is."""
    with explained_file(path):
        if not path.exists():
            write_private(path, key.hex() + "\n")
    if signing_key(path) != key:
        raise StoreError(f"there is another plan key in {path}; nothing was moved", hint="move that file away first")


def write_private(path: Path, text: str) -> None:
    """Put a whole file with mode 0600 in the place of whatever is there. Raises OSError."""
    draft = _draft(path, text)
    try:
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _make(path: Path) -> None:
    draft = _draft(path, secrets.token_hex(KEY_BYTES) + "\n")
    try:
        with suppress(FileExistsError):  # another process was first: its key stands
            os.link(draft, path)
    finally:
        draft.unlink()


def _draft(path: Path, text: str) -> Path:
    """A finished file beside `path`, on the disk, readable by its owner only (as mkstemp makes them)."""
    descriptor, name = tempfile.mkstemp(prefix=path.name, suffix=".new", dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
