"""What every transport of OneRoster has in common: settings it adds, columns it asks for, the code it takes."""

from collections.abc import Mapping
from dataclasses import replace

from connector.settings.values import SisSettings
from connector.sources.assemble import Wanted
from connector.sources.oneroster_tables import DATE_FORMATS, WORDS
from connector.sources.reading import TableReading

_NEEDED = ("sis_code", "given_names", "family_name")


def standard_settings(sis: SisSettings) -> SisSettings:
    """[sis] with the status words and the date formats of the standard."""
    words = {name: (*WORDS.get(name, ()), *sis.status.get(name, ())) for name in (*WORDS, *sis.status)}
    formats = tuple(dict.fromkeys((*DATE_FORMATS, *sis.date_formats)))
    return replace(sis, status=words, date_formats=formats)


def wanted_columns(sis: SisSettings, fields: Mapping[str, tuple[str, ...]]) -> Wanted:
    """What is asked for: the fields of the standard, and over them what [sis.columns] names."""
    own = {name: tuple(filter(None, headers)) for name, headers in sis.columns.items()}
    optional = {name: headers for name, headers in fields.items() if name not in own}
    required = {name: headers for name, headers in own.items() if headers}
    required |= {name: optional.pop(name) for name in _NEEDED if name in optional}
    return Wanted(required, optional, sis.extra_columns, frozenset(own), strict=False)


def choose_code(reading: TableReading, sis: SisSettings, remembered: str) -> None:
    """Take the code from the column that the settings name, the store remembers, or the rows suggest."""
    if "sis_code" in sis.columns:
        reading.code_kind = reading.columns.by_field["sis_code"]
        return
    kind = sis.sis_code_from if sis.sis_code_from != "auto" else remembered
    reading.take_code_from(kind or ("identifier" if _filled(reading, "identifier") else "sourcedId"))


def _filled(reading: TableReading, header: str) -> bool:
    """Whether there are students, and every row of one has text in that column."""
    if header not in reading.table.headers:
        return False
    position = reading.table.headers.index(header)
    if all(cells[position].strip() for cells in reading.table.records()):
        return next(reading.chain(reading.table.records()), None) is not None
    students = 0
    for cells in reading.chain(reading.table.records()):
        if not cells[position].strip():
            return False
        students += 1
    return students > 0
