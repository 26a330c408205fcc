"""The files a read is made of: on disk or inside a zip, watched for changes while they are read."""

import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol
from zipfile import BadZipFile

from connector.domain.errors import SourceError

Now = Callable[[], float]
"""The present moment in seconds since 1970, as file times are."""


class SourceFile(NamedTuple):
    """One file of the SIS: its name as messages give it, its size in bytes, and how it is opened."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


class Stamp(NamedTuple):
    """What tells one state of a file from another."""

    size: int
    modified: int
    identity: tuple[int, int]


def stamp(path: Path) -> Stamp:
    """The state of a file now. Raises SourceError where there is none, or something that only looks like one."""
    try:
        facts = path.stat()
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {reason(error)}", hint=_CHECK_PATH) from error
    if not stat.S_ISREG(facts.st_mode):
        kind = kind_of(facts.st_mode)
        raise SourceError(f"{path.name} is {kind}; a file is wanted", hint="Check [sis] path in connector.toml.")
    return Stamp(facts.st_size, facts.st_mtime_ns, (facts.st_dev, facts.st_ino))


def kind_of(mode: int) -> str:
    """What a path with this mode leads to, other than a file."""
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")


_CHECK_PATH = "Check [sis] path in connector.toml, and that this user may read it."


def reason(error: OSError) -> str:
    """Why the system refused, in its own words, without the path."""
    return (error.strerror or str(error)).lower()


@dataclass
class Watch:
    """The files a read has begun with, and what they were then."""

    stamps: dict[Path, Stamp] = field(default_factory=dict)

    def file(self, path: Path) -> SourceFile:
        """A file on disk, from now on watched. Raises SourceError where it cannot be read."""
        size = self.add(path).size
        return SourceFile(path.name, size, lambda: open_file(path))

    def add(self, path: Path) -> Stamp:
        """Remember what the file is now."""
        return self.stamps.setdefault(path, stamp(path))

    def check(self) -> None:
        """Raise SourceError when a file is no longer what it was."""
        for path, before in self.stamps.items():
            if stamp(path) != before:
                raise SourceError(
                    f"{path.name} changed while it was read",
                    hint="Run again when the export has ended; [sis] min_age keeps away from fresh files.",
                )


def open_file(path: Path) -> BinaryIO:
    """The file, open for reading bytes. Raises SourceError where that cannot be."""
    try:
        return path.open("rb")
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {reason(error)}", hint=_CHECK_PATH) from error


def check_age(path: Path, found: Stamp, min_age: timedelta, max_age: timedelta | None, now: float) -> None:
    """Raise SourceError for a file younger than `min_age` or older than `max_age`."""
    age = timedelta(seconds=int(now - found.modified / 1e9))
    if age < min_age:
        raise SourceError(
            f"{path.name} was written {age} ago, and [sis] min_age is {min_age}",
            hint="Run again later: the export may still be going on.",
        )
    if max_age is not None and age > max_age:
        raise SourceError(
            f"{path.name} was written {age} ago, and [sis] max_age is {max_age}",
            hint="Check why the SIS has written no new export.",
        )


class Bundle(Protocol):
    """A set of files by their base names: a folder, or a zip."""

    @property
    def watch(self) -> Watch:
        """What sees the files change."""

    @property
    def names(self) -> Sequence[str]:
        """The base names of the files there are."""

    @property
    def warnings(self) -> Sequence[str]:
        """What is unusual about the set."""

    def file(self, name: str) -> SourceFile:
        """One of the files."""


@dataclass
class Folder:
    """A folder on disk; further folders inside it are not looked into."""

    path: Path
    watch: Watch = field(default_factory=Watch)
    warnings: list[str] = field(default_factory=list)

    @property
    def names(self) -> Sequence[str]:
        """The base names of the files there are."""
        return [entry.name for entry in _entries(self.path) if entry.is_file()]

    def file(self, name: str) -> SourceFile:
        """One of the files, from now on watched."""
        return self.watch.file(self.path / name)


def folder(path: Path) -> Folder:
    """The folder, or the only folder in it where it holds nothing else."""
    inner = [entry for entry in _entries(path) if not is_clutter(entry.name)]
    if len(inner) == 1 and inner[0].is_dir():
        return Folder(inner[0], warnings=[f"{path.name} holds only the folder {inner[0].name}: that one is read"])
    return Folder(path)


def _entries(path: Path) -> list[Path]:
    try:
        return sorted(path.iterdir())
    except OSError as error:
        raise SourceError(f"{path.name} cannot be read: {reason(error)}", hint=_CHECK_PATH) from error


def is_clutter(name: str) -> bool:
    """Whether a file or folder is one that systems leave behind, and nobody exported."""
    return name.startswith(".") or name == "__MACOSX"


def find(bundle: Bundle, names: Sequence[str]) -> str | None:
    """The first of the names that is in the bundle, as it is spelt there: exactly, else in other letter case."""
    there = bundle.names
    folded = {name.casefold(): name for name in there}
    for name in names:
        if name in there:
            return name
        if name.casefold() in folded:
            return folded[name.casefold()]
    return None


@contextmanager
def readable(name: str) -> Iterator[None]:
    """Turn what goes wrong in reading an open file into a SourceError."""
    try:
        yield
    except OSError as error:
        raise SourceError(f"{name} cannot be read: {reason(error)}", hint=_CHECK_PATH) from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{name} changed while it was read", hint="Run again when the export has ended.") from error
    except NotImplementedError as error:
        raise SourceError(f"{name} is packed in a way that is not read", hint="Zip it as usual (deflate).") from error
    except (BadZipFile, zlib.error, EOFError) as error:  # whose words may quote the content
        raise SourceError(f"{name} is damaged in the zip", hint="Export or copy it again.") from error
