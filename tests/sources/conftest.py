"""Builders shared by the tests of the SIS readers: real files, read for a fixed day."""

import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.domain.student import Reject, Student
from connector.settings.values import SchoolSettings, SisSettings
from connector.sources.csv_file import csv_source
from connector.sources.oneroster import oneroster_source
from connector.sources.reading import TableReading

DAY = date(2026, 3, 2)
COLUMNS = {
    "sis_code": ("Code",),
    "given_names": ("Given",),
    "family_name": ("Family",),
    "year_level": ("Year",),
}

OpenCsv = Callable[..., TableReading]
OpenOneRoster = Callable[..., TableReading]


@pytest.fixture
def open_csv(tmp_path: Path) -> OpenCsv:
    """Write a file called students.csv and begin to read it; further words are settings."""

    def opened(content: str | bytes, *, as_of: date = DAY, state: str = "QLD", **settings: Any) -> TableReading:
        path = tmp_path / "students.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        settings.setdefault("columns", COLUMNS)
        sis = SisSettings(path=path, **settings)
        return csv_source(sis, SchoolSettings(state=state)).open(as_of)

    return opened


@pytest.fixture
def open_oneroster(tmp_path: Path) -> OpenOneRoster:
    """Write the files of an export into a folder or a zip and begin to read it; further words are settings."""

    def opened(
        files: Mapping[str, str],
        *,
        zipped: bool = False,
        as_of: date = DAY,
        code_kind: str = "",
        **settings: Any,
    ) -> TableReading:
        path = tmp_path / ("export.zip" if zipped else "export")
        if zipped:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, text in files.items():
                    archive.writestr(name, text)
        else:
            path.mkdir(exist_ok=True)
            for name, text in files.items():
                (path / name).write_text(text, encoding="utf-8")
        sis = SisSettings(reader="oneroster", path=path, **settings)
        return oneroster_source(sis, SchoolSettings(state="QLD")).open(as_of, code_kind)

    return opened


@pytest.fixture
def people() -> Callable[[TableReading], list[Student | Reject]]:
    """Run a read to its end and give what its rows are."""

    def run(reading: TableReading) -> list[Student | Reject]:
        return [reading.student(row) for row in reading.rows()]

    return run
