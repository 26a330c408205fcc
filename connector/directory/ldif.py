"""The school directory as an LDIF export: what ldifde, ldapsearch and slapcat write."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from connector.directory.gather import Gathering
from connector.directory.ldif_records import Records
from connector.directory.ldif_text import blocks
from connector.directory.person import is_group
from connector.directory.scope import scope_of
from connector.domain.entry import Completeness, DirectoryRead
from connector.domain.errors import ConfigError, DirectoryError
from connector.domain.ports import Clock, Directory
from connector.settings.values import DirectorySettings

SCHEME = "ldif:"

_NO_GROUPS = "role rules ask for groups, and nobody in the export has memberOf: was it left out?"


def ldif_directory(
    settings: DirectorySettings, base_path: Path, clock: Clock, groups: Collection[str] = ()
) -> Directory:
    """The directory in the file that `url = "ldif:FILE"` names, relative to the folder `base_path`.

    `groups` are the DNs of the groups that role rules ask for. Raises ConfigError for a filter or an exclusion that
    cannot be understood, and for what is no file name.
    """
    if "\0" in settings.url:
        raise ConfigError(f"[directory] url {settings.url!r} holds a sign that no file name has")
    scope_of(settings)
    return LdifDirectory(settings, base_path / settings.url.removeprefix(SCHEME), clock, groups)


class LdifDirectory:
    """Reads one LDIF file (RFC 2849) each time it is asked; an entry cut at the end of the file is left out."""

    def __init__(self, settings: DirectorySettings, path: Path, clock: Clock, groups: Collection[str]) -> None:
        self._settings = settings
        self._path = path
        self._clock = clock
        self._groups = groups

    def read(self) -> DirectoryRead:
        """Every person of the file.

        A file that was cut, that says itself that its search was cut short, that changed while it was read, or that
        tells nobody's groups where rules ask for some, gives an incomplete read. Raises DirectoryError when there
        is no file or it is no export.
        """
        try:
            self._require_file()
            with self._path.open("rb") as stream:
                return self._read(stream)
        except OSError as error:
            raise DirectoryError(
                f"{self._path}: the LDIF export cannot be read: {error.strerror}",
                hint="Check [directory] url in connector.toml, and that the export has run.",
            ) from error

    def _require_file(self) -> None:
        """A named pipe or a device would be waited for, for ever."""
        if self._path.exists() and not self._path.is_file():
            what = "a folder" if self._path.is_dir() else "a named pipe or a device"
            raise DirectoryError(
                f"{self._path}: the LDIF export is {what}; a file is wanted", hint="Check [directory] url."
            )

    def _read(self, stream: BinaryIO) -> DirectoryRead:
        before = self._path.stat()
        gathering = Gathering(self._settings, self._clock())
        records = Records(str(self._path), gathering.wanted)
        nesting: dict[str, frozenset[str]] = {}
        for record in records.read(blocks(stream, str(self._path))):
            if self._groups and is_group(record.attributes):
                above = record.attributes.get("memberof", ())
                nesting[record.dn] = frozenset(value.decode(errors="replace") for value in above)
            gathering.add(record.dn, record.attributes)
            for name in record.spoilt:
                gathering.count_unreadable(name)
        after = self._path.stat()
        if not records.count:
            because = f": {records.reason}" if records.reason else ""
            raise DirectoryError(
                f"{self._path}: the LDIF export holds no whole entry{because}",
                hint="Export the directory again; an empty file usually means that the export failed.",
            )
        changed = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
        reason = "the file changed while it was read" if changed else records.reason
        proof = Completeness(
            complete=not reason,
            reason=reason,
            source=f"{SCHEME}{self._path.name}",
            pages=records.proof.pages,
            referrals=records.proof.referrals,
        )
        read = gathering.read(proof)
        if self._groups and read.completeness.complete and not any(entry.groups for entry in read.entries):
            read = replace(read, completeness=replace(read.completeness, complete=False, reason=_NO_GROUPS))
        return replace(read, nesting=nesting)
