from collections.abc import Callable
from datetime import date, timedelta

import pytest

from connector.settings import value_kinds as kinds


@pytest.mark.parametrize(
    ("read", "written", "expected"),
    [
        (kinds.read_span, "0s", timedelta(0)),
        (kinds.read_span, "90 m", timedelta(minutes=90)),
        (kinds.read_span, "24h", timedelta(hours=24)),
        (kinds.read_span, "14d", timedelta(days=14)),
        (kinds.read_span, "2w", timedelta(weeks=2)),
        (kinds.read_optional_span, "", None),
        (kinds.read_percent, "10%", 10.0),
        (kinds.read_percent, "2.5 %", 2.5),
        (kinds.read_percent, "100%", 100.0),
        (kinds.read_words, " Code ", ("Code",)),
        (kinds.read_words, ["A", "B"], ("A", "B")),
        (kinds.read_headers, "", ()),
        (kinds.read_status_words, [" Current ", ""], ("current", "")),
        (kinds.read_day, date(2026, 2, 1), "2026-02-01"),
        (kinds.read_day, "2026-02-01", "2026-02-01"),
        (kinds.read_day, "", ""),
        (kinds.read_date_formats, "dd/mm/yyyy", ("dd/mm/yyyy",)),
        (kinds.read_date_formats, ["%d-%b-%y"], ("%d-%b-%y",)),
        (kinds.read_encoding, "latin-1", "iso8859-1"),
        (kinds.read_encoding, "", ""),
        (kinds.read_dn, r"OU=Smith\, John,DC=a", r"OU=Smith\, John,DC=a"),
        (kinds.read_dn, "", ""),
        (kinds.read_filter, "(&(a=b)(c=d))", "(&(a=b)(c=d))"),
        (kinds.read_exclusions, ["OU=A", "(a=b)"], ("OU=A", "(a=b)")),
        (kinds.read_year_pattern, "OU={cohort},OU={intake}", "OU={cohort},OU={intake}"),
    ],
)
def test_value_is_read(read: Callable[[object], object], written: object, expected: object) -> None:
    """A value as people write it becomes the plain value it means."""
    assert read(written) == expected


@pytest.mark.parametrize(
    ("read", "written"),
    [
        (kinds.read_span, "24"),
        (kinds.read_span, "-1d"),
        (kinds.read_span, "1y"),
        (kinds.read_span, 24),
        (kinds.read_percent, "10"),
        (kinds.read_percent, "101%"),
        (kinds.read_percent, "-1%"),
        (kinds.read_percent, 0.1),
        (kinds.read_words, ""),
        (kinds.read_words, ["A", " "]),
        (kinds.read_words, ["A", 1]),
        (kinds.read_list, "A"),
        (kinds.read_status_words, [1]),
        (kinds.read_day, "1/2/2026"),
        (kinds.read_day, "2026-02-30"),
        (kinds.read_day, 2026),
        (kinds.read_days, "2026-02-01"),
        (kinds.read_date_formats, "%d/%m"),
        (kinds.read_date_formats, "mm/yyyy"),
        (kinds.read_encoding, "utf-17"),
        (kinds.read_encoding, 1252),
        (kinds.read_encoding, "base64"),
        (kinds.read_dn, "Students"),
        (kinds.read_dn, "OU=a,,DC=b"),
        (kinds.read_dn, 1),
        (kinds.read_filter, "a=b"),
        (kinds.read_filter, "(a=b"),
        (kinds.read_filter, "(a=b)(c=d)"),
        (kinds.read_filter, "(a=b))("),
        (kinds.read_exclusions, ["Students"]),
        (kinds.read_year_pattern, "OU={name}"),
    ],
)
def test_other_values_are_refused(read: Callable[[object], object], written: object) -> None:
    """A value that does not say what the key asks for is refused, never guessed at."""
    with pytest.raises(ValueError, match=r"expected|known"):
        read(written)
