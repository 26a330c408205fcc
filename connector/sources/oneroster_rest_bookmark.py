"""Where a later read of a OneRoster service may go on: what a bookmark holds, and for how long it is good."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256

from connector.settings.values import SisSettings

OVERLAP = timedelta(minutes=5)
"""How far behind the last read a filter goes, for clocks that differ and for writes that were still under way."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """When the last whole read and the last read at all began, for which day, and under which settings.

    `since` is the service's own time where it tells it (RFC 9110, section 6.6.1), since its records carry that.
    """

    whole: datetime
    since: datetime
    day: str
    settings: str

    def text(self) -> str:
        """The bookmark as the store keeps it."""
        return json.dumps(asdict(self), default=datetime.isoformat)

    @property
    def filter(self) -> str:
        """The filter that asks for what changed since (OneRoster 1.1 and 1.2, section 3.4, filtering)."""
        moment = (self.since - OVERLAP).astimezone(UTC)
        return f"dateLastModified>'{moment:%Y-%m-%dT%H:%M:%S}.000Z'"


def read_bookmark(text: str) -> Bookmark | None:
    """The bookmark that a text holds; None for one that holds none."""
    try:
        facts = json.loads(text)
        whole, since = (datetime.fromisoformat(facts[name]) for name in ("whole", "since"))
        bookmark = Bookmark(whole, since, str(facts["day"]), str(facts["settings"]))
    except (ValueError, KeyError, TypeError):
        return None
    return bookmark if whole.tzinfo and since.tzinfo else None


def usable(text: str, sis: SisSettings, as_of: date, now: datetime) -> Bookmark | None:
    """The bookmark, if only what changed may be read: the same day and settings, a whole read not too long ago."""
    every = sis.connection.full_every
    found = read_bookmark(text) if text and every is not None else None
    if found is None or every is None:
        return None
    fits = found.day == as_of.isoformat() and found.settings == settings_of(sis)
    return found if fits and timedelta(0) <= now - found.whole < every else None


def settings_of(sis: SisSettings) -> str:
    """A digest of what decides which records are read and what they mean."""
    connection = sis.connection
    facts = (
        *(connection.url, connection.version, sis.sis_code_from, sis.extra_columns, sis.ignore_role_dates),
        *(
            sorted(sis.columns.items()),
            sorted(sis.status.items()),
            sis.html_unescape,
            sis.date_formats,
            sis.null_dates,
        ),
    )
    return sha256(repr(facts).encode()).hexdigest()[:16]


def moment_of(headers_date: str, now: datetime) -> datetime:
    """The moment of a Date header, or now."""
    try:
        moment = parsedate_to_datetime(headers_date)
    except ValueError:
        return now
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
