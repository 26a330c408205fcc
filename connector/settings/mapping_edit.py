"""Writes changed keys into a mapping file, once the changed file is known to load, and keeps the previous one."""

import os
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from connector.domain.errors import ConfigError, OperationError
from connector.domain.ruleset import RuleSet
from connector.settings.mapping_file import load_rules
from connector.settings.toml_edit import Edit, edited

HISTORY = ".history"
"""The folder beside the mapping file that keeps the previous copies."""

_BOM = b"\xef\xbb\xbf"


class Written(NamedTuple):
    """The rules as the file now says them, and where its previous copy lies; None where nothing changed."""

    rules: RuleSet
    previous: Path | None


def write_mapping(
    path: Path, edit: Edit, now: datetime, *, state: str = "", known_roles: Collection[str] = ()
) -> Written:
    """Change the mapping file, whole or not at all.

    The previous copy goes to `.history` beside it, for its owner only. `state` and `known_roles` are load_rules'.
    Raises ConfigError when the file cannot be edited or would not load, OperationError when the disk refuses.
    """
    there = path.resolve()
    previous = None
    try:
        before = there.read_bytes()
        after = edited(before.decode("utf-8-sig"), edit).encode()
        if after != before.removeprefix(_BOM):
            previous = _replace(there, before, after, now, lambda fresh: _check(fresh, path, state, known_roles))
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text", hint="Save the file as UTF-8.") from None
    except OSError as error:
        raise OperationError(f"{path}: cannot be changed ({error.strerror}); it is as it was") from None
    if previous is not None and not path.is_symlink():
        previous = path.parent / HISTORY / previous.name  # as the caller names the folder
    return Written(load_rules(path, state=state, known_roles=known_roles), previous)


def put_back(path: Path, written: Written) -> None:
    """Make a change undone: the mapping file is as it was before. Raises OperationError when the disk refuses."""
    if written.previous is None:
        return
    there = path.resolve()
    try:
        fresh = there.with_name(f".{there.name}.{os.getpid()}.new")
        _create(fresh, (there.parent / HISTORY / written.previous.name).read_bytes())
        fresh.chmod(there.stat().st_mode & 0o777)
        fresh.replace(there)
    except OSError as error:
        raise OperationError(f"{path}: cannot be put back ({error.strerror})") from None


def _replace(path: Path, before: bytes, after: bytes, now: datetime, check: Callable[[Path], None]) -> Path:
    """Put the new content in the place of the old one, which is kept; the file's own mode stays."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        _create(fresh, (_BOM if before.startswith(_BOM) else b"") + after)
        check(fresh)
        fresh.chmod(path.stat().st_mode & 0o777)
        previous = _keep(path, before, now)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    return previous


def _keep(path: Path, content: bytes, now: datetime) -> Path:
    """Put the previous copy away under a name of its own."""
    folder = path.parent / HISTORY
    folder.mkdir(mode=0o700, exist_ok=True)
    stem = f"{path.stem}.{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}"
    names = (f"{stem}{more}{path.suffix}" for more in ("", *(f".{number}" for number in range(2, 1000))))
    place = next(folder / name for name in names if not (folder / name).exists())
    _create(place, content)
    return place


def _create(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _check(fresh: Path, path: Path, state: str, known_roles: Collection[str]) -> None:
    """Raises ConfigError, about the file's own name, when the changed file would not load."""
    try:
        load_rules(fresh, state=state, known_roles=known_roles)
    except ConfigError as error:
        told = error.message.replace(str(fresh), str(path))
        raise ConfigError(f"the changed file would not load, so it is as it was:\n{told}") from None
