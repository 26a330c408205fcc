"""OneRoster CSV 1.1 and 1.2, from a folder or a zip, whole or as changes; what exports do otherwise is a warning."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from connector.domain.errors import SourceError
from connector.domain.ports import Source
from connector.settings.values import SchoolSettings, SisSettings
from connector.sources.archive import archive
from connector.sources.assemble import Files, assemble, open_joined
from connector.sources.delimited import open_table
from connector.sources.files import Bundle, Now, check_age, find, folder
from connector.sources.manifest import Manifest, read_manifest
from connector.sources.oneroster_reading import choose_code, standard_settings, wanted_columns
from connector.sources.oneroster_tables import (
    UNMENTIONED,
    computed_columns,
    fields_of,
    shape_of,
    standardise,
)
from connector.sources.reading import TableReading
from connector.sources.table import Table


def oneroster_source(sis: SisSettings, school: SchoolSettings, now: Now = time.time) -> Source:
    """A source that reads [sis] path as OneRoster CSV; [sis.columns] may name columns beyond the standard.

    `userIds:LDAP` in [sis.columns] is the id of type LDAP in the column userIds.
    """
    return _OneRosterSource(standard_settings(sis), school, now)


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
        asked = wanted_columns(self.sis, fields_of(manifest, shape))
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
        choose_code(reading, self.sis, code_kind)
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
