from datetime import date

import pytest

from connector.domain.errors import ConfigError
from connector.sources.dates import UnreadableDateError, date_reader, pattern_of

NULLS = ("1899-12-30", "1900-01-01", "0001-01-01")

READ = {
    "ISO": (("%Y-%m-%d",), "2023-05-01", date(2023, 5, 1)),
    "day before month": (("%d/%m/%Y",), "1/05/2023", date(2023, 5, 1)),
    "month before day": (("%m/%d/%Y",), "1/05/2023", date(2023, 1, 5)),
    "a name of a format": (("dd/mm/yyyy",), "01/05/2023", date(2023, 5, 1)),
    "the first that fits": (("%Y-%m-%d", "%d/%m/%Y"), "31/12/2023", date(2023, 12, 31)),
    "with a time of day": (("%d/%m/%Y %I:%M:%S %p",), "1/05/2023 12:00:00 AM", date(2023, 5, 1)),
    "two digits of a year where the format says so": (("dd/mm/yy",), "01/05/23", date(2023, 5, 1)),
    "blanks around": (("%Y-%m-%d",), " 2023-05-01 ", date(2023, 5, 1)),
    "nothing": (("%Y-%m-%d",), "", None),
    "blank": (("%Y-%m-%d",), "  ", None),
    "a date that means none": (("%d/%m/%Y",), "30/12/1899", None),
    "a text that means none": (("%d/%m/%Y",), "0001-01-01", None),
}


@pytest.mark.parametrize(("formats", "text", "expected"), READ.values(), ids=READ)
def test_read(formats: tuple[str, ...], text: str, expected: date | None) -> None:
    """A date is read by the formats the school named; some dates mean that there is none."""
    assert date_reader(formats, NULLS)(text) == expected


@pytest.mark.parametrize("text", ["1/05/2023", "2023-5-1", "20230501", "2023-02-30", "soon"])
def test_never_guessed(text: str) -> None:
    """A text that fits no format is refused; day and month are never guessed."""
    with pytest.raises(UnreadableDateError, match=text):
        date_reader(("%Y-%m-%d",), NULLS)(text)


@pytest.mark.parametrize("name", ["yyyy", "dd/mm", "", "%H:%M", "%Q", "soon"])
def test_no_format(name: str) -> None:
    """A format without day, month and year is a fault of the configuration."""
    with pytest.raises(ConfigError, match="is no date format"):
        pattern_of(name)
