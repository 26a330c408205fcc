"""A zip as a set of files: looked over before anything is unpacked, and never unpacked to disk."""

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple, cast
from zipfile import BadZipFile, ZipFile, ZipInfo

from connector.domain.errors import SourceError
from connector.sources.files import SourceFile, Watch, is_clutter, readable

_AGAIN = "Export again, or zip the files themselves."


class ZipLimits(NamedTuple):
    """How many files a zip may hold, how much they may unpack to in all, and how many times their packed size."""

    members: int = 64
    total: int = 512 << 20
    ratio: int = 200


DEFAULT_LIMITS = ZipLimits()


@dataclass(frozen=True, slots=True)
class Archive:
    """The files of one zip by base name."""

    path: Path
    members: Mapping[str, ZipInfo]
    watch: Watch
    warnings: Sequence[str]

    @property
    def names(self) -> Sequence[str]:
        """The base names of the files there are."""
        return list(self.members)

    def file(self, name: str) -> SourceFile:
        """One of the files, unpacked as it is read."""
        member = self.members[name]
        return SourceFile(name, member.file_size, lambda: self._open(member))

    def _open(self, member: ZipInfo) -> BinaryIO:
        with readable(member.filename), ZipFile(self.path) as opened:
            return cast(BinaryIO, opened.open(member))  # stays open when the zip is closed here


def archive(path: Path, limits: ZipLimits = DEFAULT_LIMITS) -> Archive:
    """The zip at `path`. Raises SourceError for one that is no zip, or that no honest export would be.

    That is: encrypted files, links, names that lead out of the zip, one name twice, files in several folders, and
    more or larger files than `limits`. One folder around all the files is passed over with a warning.
    """
    watch = Watch()
    if not watch.add(path).size:
        raise SourceError(f"{path.name} is empty", hint="Export it again; the last export may have failed.")
    with readable(path.name), _opened(path) as opened:
        infos = opened.infolist()
    found = [info for info in infos if not _passed_over(path.name, info)]
    _check_size(path.name, found, limits)
    members: dict[str, ZipInfo] = {}
    for info in found:
        base = PurePosixPath(info.filename).name
        if base in members:
            raise SourceError(f"{path.name} holds {base} twice", hint=_AGAIN)
        members[base] = info
    return Archive(path, members, watch, _folder_warning(path.name, found))


def _opened(path: Path) -> ZipFile:
    try:
        return ZipFile(path)
    except BadZipFile:
        raise SourceError(
            f"{path.name} is no zip, or only a part of one",
            hint="Export or copy it again; [sis] path may also be the folder of the unpacked files.",
        ) from None


def _passed_over(name: str, info: ZipInfo) -> bool:
    """Whether a member is no file of the export. Raises SourceError for one that is not safe to open."""
    shown, parts = info.orig_filename, PurePosixPath(info.filename).parts
    if ".." in parts or shown.startswith("/") or any(sign in shown for sign in "\\:\0"):
        raise SourceError(f"{name} holds a file whose name leads out of the zip: {shown!r}", hint=_AGAIN)
    if stat.S_ISLNK(info.external_attr >> 16):
        raise SourceError(f"{name} holds a link: {shown}", hint=_AGAIN)
    if info.flag_bits & 1:
        raise SourceError(f"{name} holds an encrypted file: {shown}", hint="Export without a password.")
    return info.is_dir() or any(is_clutter(part) for part in parts)


def _check_size(name: str, members: Sequence[ZipInfo], limits: ZipLimits) -> None:
    if len(members) > limits.members:
        raise SourceError(f"{name} holds {len(members)} files, more than {limits.members}", hint=_AGAIN)
    if sum(info.file_size for info in members) > limits.total:
        raise SourceError(f"{name} unpacks to more than {limits.total >> 20} MiB", hint="Give the unpacked folder.")
    for info in members:
        if info.file_size > limits.ratio * max(info.compress_size, 1):
            raise SourceError(
                f"{name}: {info.filename} unpacks to more than {limits.ratio} times its size",
                hint="Give the unpacked folder, if you trust the file.",
            )


def _folder_warning(name: str, members: Sequence[ZipInfo]) -> list[str]:
    folders = {str(PurePosixPath(info.filename).parent) for info in members}
    if len(folders) > 1:
        raise SourceError(f"{name} holds files in several folders", hint="Zip the files themselves, without folders.")
    inner = next(iter(folders), ".")
    return [] if inner == "." else [f"{name} holds its files in the folder {inner}: they are read there"]
