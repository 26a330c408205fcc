"""Dates in the formats the school named, and in no other."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

from connector.domain.errors import ConfigError

_NAMES = (("yyyy", "%Y"), ("yy", "%y"), ("mm", "%m"), ("dd", "%d"), ("m", "%m"), ("d", "%d"))
_PARTS = re.compile("yyyy|yy|mm?|dd?", re.IGNORECASE)
_ISO = "%Y-%m-%d"
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class UnreadableDateError(ValueError):
    """A date that fits none of the formats."""


def pattern_of(name: str) -> str:
    """The strptime pattern a format stands for: itself, or `dd/mm/yyyy` and the like spelt out.

    Raises ConfigError for text that is neither.
    """
    pattern = name if "%" in name else _PARTS.sub(lambda part: dict(_NAMES)[part[0].lower()], name)
    try:
        sample = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC).strftime(pattern)
        if datetime.strptime(sample, pattern).date() == date(2001, 2, 3):  # noqa: DTZ007 - likewise
            return pattern
    except ValueError:
        pass
    raise ConfigError(
        f'date_formats: "{name}" is no date format',
        hint='Write for example "dd/mm/yyyy" or "%d/%m/%Y"; day, month and year must all be in it.',
    )


def date_reader(formats: Sequence[str], null_dates: Sequence[str]) -> Callable[[str], date | None]:
    """A function from the text of a cell to its date; None for a blank and for the dates that stand for none.

    The function raises UnreadableDateError for text that fits none of the formats. Raises ConfigError itself for
    a format that is none.
    """
    patterns = [pattern_of(name) for name in formats]
    nulls = frozenset(null_dates)

    def read(text: str) -> date | None:
        text = text.strip()
        if not text or text in nulls:
            return None
        day = _parse(text, patterns)
        return None if day.isoformat() in nulls else day

    return read


def _parse(text: str, patterns: Sequence[str]) -> date:
    for pattern in patterns:
        if pattern == _ISO and not _ISO_DATE.fullmatch(text):
            continue  # strptime would read 2023-5-1, which no ISO writer writes
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a date without a place
        except ValueError:
            continue
    raise UnreadableDateError(text)
