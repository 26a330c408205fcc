"""The generic CSV reader: one file with a row a student, or a folder whose files the preset joins."""

import time
from dataclasses import dataclass
from datetime import date

from connector.domain.errors import ConfigError, SourceError
from connector.domain.ports import Source
from connector.settings.values import SchoolSettings, SisSettings
from connector.sources.assemble import Files, Wanted, assemble, open_joined, wanted
from connector.sources.delimited import open_table
from connector.sources.files import Bundle, Now, SourceFile, Watch, check_age, find, folder
from connector.sources.preset import Shape, shape_of
from connector.sources.reading import TableReading


def csv_source(sis: SisSettings, school: SchoolSettings, now: Now = time.time) -> Source:
    """A source that reads [sis] path as delimited text, as its columns and its preset say.

    Raises ConfigError where the preset or the columns cannot be used at all.
    """
    shape = shape_of(sis.preset_options, sis.preset)
    return _CsvSource(sis, school, shape, wanted(sis, shape.optional), now)


@dataclass(frozen=True, slots=True)
class _CsvSource:
    """The Source of `csv_source`."""

    sis: SisSettings
    school: SchoolSettings
    shape: Shape
    asked: Wanted
    now: Now

    def open(self, as_of: date, code_kind: str = "") -> TableReading:  # noqa: ARG002 - a CSV has one column of codes
        """Look through the files and find the columns. Raises SourceError and ConfigError."""
        watch, main, bundle = self._files()
        fallback = self.sis.encoding_fallback
        files = Files(
            main=open_table(main, fallback),
            joined=open_joined(bundle, self.shape.joins, fallback),
            shape=self.shape,
            watch=watch,
        )
        for path, found in watch.stamps.items():
            check_age(path, found, self.sis.min_age, self.sis.max_age, self.now())
        reading = assemble(files, self.asked, self.sis, self.school, as_of)
        reading.source = f"CSV, {self.sis.path.name}"
        reading.remarks = [*(bundle.warnings if bundle else ()), *reading.remarks]
        return reading

    def _files(self) -> tuple[Watch, SourceFile, Bundle | None]:
        """The main file, and the folder it lies in where the path is one."""
        path = self.sis.path
        if not path.is_dir():
            watch = Watch()
            return watch, watch.file(path), None
        if not self.shape.main:
            raise ConfigError(
                f"[sis] path is the folder {path.name}, and a file is wanted",
                hint="Give the path of the CSV file; only presets with a [folder] table read folders.",
            )
        bundle = folder(path)
        name = find(bundle, self.shape.main)
        if name is None:
            raise SourceError(
                f"{path.name} holds no {self.shape.main[0]}", hint="Check [sis] path in connector.toml."
            )
        return bundle.watch, bundle.file(name), bundle
