"""OneRoster CSV 1.1 and 1.2, from a folder or a zip, whole or as changes; what exports do otherwise is a warning."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from connector.domain.errors import SourceError
from connector.domain.ports import Source
from connector.settings.values import SchoolSettings, SisSettings
from connector.sources.archive import archive
from connector.sources.assemble import Files, Wanted, assemble, open_joined
from connector.sources.delimited import open_table
from connector.sources.files import Bundle, Now, check_age, find, folder
from connector.sources.manifest import Manifest, read_manifest
from connector.sources.oneroster_tables import (
    DATE_FORMATS,
    UNMENTIONED,
    WORDS,
    computed_columns,
    fields_of,
    shape_of,
    standardise,
)
from connector.sources.reading import TableReading
from connector.sources.table import Table

_NEEDED = ("sis_code", "given_names", "family_name")


def oneroster_source(sis: SisSettings, school: SchoolSettings, now: Now = time.time) -> Source:
    """A source that reads [sis] path as OneRoster CSV; [sis.columns] may name columns beyond the standard.

    `userIds:LDAP` in [sis.columns] is the id of type LDAP in the column userIds.
    """
    words = {name: (*WORDS.get(name, ()), *sis.status.get(name, ())) for name in (*WORDS, *sis.status)}
    formats = tuple(dict.fromkeys((*DATE_FORMATS, *sis.date_formats)))
    return _OneRosterSource(replace(sis, status=words, date_formats=formats), school, now)


@dataclass(frozen=True, slots=True)
class _OneRosterSource:
    """The Source of `oneroster_source`."""

    sis: SisSettings
    school: SchoolSettings
    now: Now

    def open(self, as_of: date, code_kind: str = "") -> TableReading:
        """Look through the files and find the columns; `code_kind` is the choice of code once made.

        Raises SourceError and ConfigError.
        """
        bundle = self._bundle()
        manifest = read_manifest(bundle)
        delta = self._is_delta(manifest)
        users = self._users(bundle)
        renamed = standardise(users)
        shape = shape_of(manifest, users, delta=delta)
        joined = open_joined(bundle, shape.joins, self.sis.encoding_fallback)
        renamed += [line for _, table in joined for line in standardise(table)]
        files = Files(users, joined, shape, bundle.watch)
        for path, found in bundle.watch.stamps.items():
            check_age(path, found, self.sis.min_age, self.sis.max_age, self.now())
        asked = self._wanted(fields_of(manifest, shape))
        statuses: set[str] = set()
        columns = computed_columns(shape, asked.headers(), statuses)
        reading = assemble(files, asked, self.sis, self.school, as_of, columns)
        reading.source = f"OneRoster {manifest.version} ({'delta' if delta else 'bulk'}), {self.sis.path.name}"
        reading.delta = delta
        reading.unmentioned = UNMENTIONED
        reading.remarks = [
            *bundle.warnings,
            *manifest.warnings,
            *_mode_remarks(manifest, self.sis),
            *renamed,
            *reading.remarks,
        ]
        reading.afterthoughts = _afterthoughts(reading, set() if delta else statuses)
        self._choose_code(reading, code_kind)
        return reading

    def _bundle(self) -> Bundle:
        path = self.sis.path
        if path.is_dir():
            return folder(path)
        if path.suffix.casefold() == ".csv":
            raise SourceError(
                f"{path.name} is one file of an export", hint="Give the folder or the zip it is in as [sis] path."
            )
        return archive(path)

    def _users(self, bundle: Bundle) -> Table:
        name = find(bundle, ("users.csv",))
        assert name is not None  # noqa: S101 - the manifest has been checked against the bundle
        return open_table(bundle.file(name), self.sis.encoding_fallback, line_breaks=False)

    def _is_delta(self, manifest: Manifest) -> bool:
        """Whether users or their roles are told as changes only; without a manifest unless [sis] mode says bulk."""
        if not manifest.stated:
            return self.sis.mode != "bulk"
        return self.sis.mode == "delta" or "delta" in (manifest.modes["users"], manifest.modes.get("roles"))

    def _wanted(self, fields: Mapping[str, tuple[str, ...]]) -> Wanted:
        own = {name: tuple(filter(None, headers)) for name, headers in self.sis.columns.items()}
        optional = {name: headers for name, headers in fields.items() if name not in own}
        required = {name: headers for name, headers in own.items() if headers}
        required |= {name: optional.pop(name) for name in _NEEDED if name in optional}
        return Wanted(required, optional, self.sis.extra_columns, frozenset(own), strict=False)

    def _choose_code(self, reading: TableReading, remembered: str) -> None:
        """Take the code from the column that the settings name, the store remembers, or the rows suggest."""
        if "sis_code" in self.sis.columns:
            reading.code_kind = reading.columns.by_field["sis_code"]
            return
        kind = self.sis.sis_code_from if self.sis.sis_code_from != "auto" else remembered
        reading.take_code_from(kind or ("identifier" if _filled(reading, "identifier") else "sourcedId"))


def _filled(reading: TableReading, header: str) -> bool:
    """Whether there are students, and every row of one has text in that column."""
    if header not in reading.table.headers:
        return False
    position = reading.table.headers.index(header)
    students = 0
    for cells in reading.chain(reading.table.records()):
        if not cells[position].strip():
            return False
        students += 1
    return students > 0


def _mode_remarks(manifest: Manifest, sis: SisSettings) -> Iterable[str]:
    if not manifest.stated and not sis.mode:
        yield 'read as changes only, since nothing says that it is whole; set [sis] mode = "bulk" if it is'
    if manifest.stated and sis.mode == "bulk" and "delta" in manifest.modes.values():
        yield "manifest.csv says delta, which stands above [sis] mode"


def _afterthoughts(reading: TableReading, statuses: set[str]) -> Callable[[], list[str]]:
    """What is known after the last row of what an export does otherwise than the standard says."""
    before = reading.afterthoughts
    seen = reading.interpreter.seen_of_enabled

    def tell() -> list[str]:
        lines = list(before())
        if odd := sorted(word for word in seen() if word not in ("", "true", "false")):
            lines.append(f"enabledUser is written {', '.join(odd)}: read all the same")
        if statuses:
            lines.append("users.csv is bulk, yet its rows have a status: it is heeded")
        return lines

    return tell
