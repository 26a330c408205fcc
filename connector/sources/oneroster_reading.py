"""What every transport of OneRoster has in common: settings it adds, columns it asks for, the code it takes."""

from collections.abc import Mapping
from dataclasses import replace

from connector.settings.values import SisSettings
from connector.sources.assemble import Wanted
from connector.sources.notes import counted
from connector.sources.oneroster_tables import DATE_FORMATS, WORDS
from connector.sources.reading import TableReading

_BETTER = "identifier"
"""The column for the school's own code; a sourcedId means something to the export alone."""

_FALLEN_BACK = (
    "the SIS code is read from sourcedId, since {why}; the first applied run settles this for good, "
    "so set [sis] sis_code_from first if it is not what you want"
)

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
    if not kind:
        kind, why_not = _BETTER, _lacking(reading, _BETTER)
        if why_not:
            kind = "sourcedId"
            reading.remarks = [*reading.remarks, _FALLEN_BACK.format(why=f"{_BETTER} {why_not}")]
    reading.take_code_from(kind)


def _lacking(reading: TableReading, header: str) -> str:
    """Why that column cannot be the code; empty where there are students, and every row of one has text in it."""
    if header not in reading.table.headers:
        return f"is no column of {reading.table.name}"
    position, line = reading.table.headers.index(header), reading.pack[0]
    rows = reading.table.records
    blanks = reading.chain(cells for cells in rows() if not cells[position].strip())
    first = next(blanks, None)
    if first is None:
        return "" if any(reading.chain(rows())) else "stands on no student row"
    blank, students = 1 + sum(1 for _ in blanks), sum(1 for _ in reading.chain(rows()))
    return f"is empty on {counted(blank)} of {students:,}, first {reading.table.name}:{first[line]}"
