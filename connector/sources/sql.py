"""The SQL reader: one SELECT over a SQLAlchemy URL, in a read-only transaction, within a limit of time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from connector.domain.errors import ConfigError
from connector.domain.ports import Source
from connector.settings.values import SchoolSettings, SisSettings
from connector.sources.assemble import Files, Wanted, assemble, wanted
from connector.sources.files import Watch
from connector.sources.preset import Shape, shape_of
from connector.sources.reading import TableReading
from connector.sources.sql_query import Query, query_of
from connector.sources.sql_table import SqlTable

_ISO = "%Y-%m-%d"


def sql_source(sis: SisSettings, school: SchoolSettings, password: str, steady: Callable[[], float]) -> Source:
    """A source that reads the rows of [sis] query; `password` is put into the URL where it is not empty.

    Raises ConfigError where the URL, the preset or the columns cannot be used at all.
    """
    shape = shape_of(sis.preset_options, sis.preset)
    if shape.joins:
        raise ConfigError(
            f'[sis] preset = "{sis.preset}" joins files, and reader = "sql" reads one SELECT',
            hint="Join the tables in [sis] query, and name its columns under [sis.columns].",
        )
    query = query_of(sis.connection, password)
    with_iso = replace(sis, date_formats=tuple(dict.fromkeys((_ISO, *sis.date_formats))))
    return _SqlSource(with_iso, school, shape, wanted(sis, shape.optional), query, steady)


@dataclass(frozen=True, slots=True)
class _SqlSource:
    """The Source of `sql_source`."""

    sis: SisSettings
    school: SchoolSettings
    shape: Shape
    asked: Wanted
    query: Query
    steady: Callable[[], float]

    def open(self, as_of: date, code_kind: str = "") -> TableReading:  # noqa: ARG002 - a SELECT has one column of codes
        """Send the SELECT and find the columns; the rows follow as they are asked for.

        Raises SourceError where the database refuses, ConfigError for a column that is missing or doubled.
        """
        table = SqlTable(self.query, self.steady)
        try:
            files = Files(table, (), Shape(where=self.shape.where), Watch())
            reading = assemble(files, self.asked, self.sis, self.school, as_of)
        except BaseException:
            table.give_up()
            raise
        reading.source = f"SQL, {self.query.place}"
        reading.afterthoughts = table.afterthoughts
        return reading
