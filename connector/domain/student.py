"""One person as the SIS tells it."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """Whether the SIS says the person is here (rules.md 2)."""

    ACTIVE = "active"
    FUTURE = "future"
    INACTIVE = "inactive"
    LEFT = "left"
    UNKNOWN = "unknown"


NOTHING: Mapping[str, str] = {}


class Student(NamedTuple):
    """One accepted row of the SIS: text is NFC, trimmed, inner blanks single; immutable.

    `year_level` is a canonical token (PK, K, P, 1..13, UG or ""), `year_level_raw` what the SIS wrote.
    `cohort` is the year of finishing Year 12. `columns` are further SIS columns that mapping rules name;
    they stay in memory and are never logged. `place` is where the row stands, as `file:line`.
    """

    sis_code: str
    legal_given: str = ""
    legal_family: str = ""
    middle: str = ""
    preferred_given: str = ""
    preferred_family: str = ""
    status: Status = Status.ACTIVE
    year_level: str = ""
    year_level_raw: str = ""
    cohort: int | None = None
    campuses: tuple[str, ...] = ()
    homegroup: str = ""
    house: str = ""
    flags: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    email: str = ""
    network_login: str = ""
    entry_date: date | None = None
    exit_date: date | None = None
    columns: Mapping[str, str] = NOTHING
    place: str = ""

    @property
    def given(self) -> str:
        """The given name people use: the preferred one where there is one."""
        return self.preferred_given or self.legal_given

    @property
    def family(self) -> str:
        """The family name people use: the preferred one where there is one."""
        return self.preferred_family or self.legal_family

    @property
    def campus(self) -> str:
        """The primary campus, or nothing."""
        return self.campuses[0] if self.campuses else ""

    def settled_until(self, as_of: date) -> date | None:
        """The first day after `as_of` on which the dates could change the status; None for never."""
        entry, exit_ = self.entry_date, self.exit_date
        if (exit_ is None or exit_ < as_of) and (entry is None or entry < as_of):
            return None
        return min(day for day in (entry, exit_) if day is not None and day >= as_of)


class Reject(NamedTuple):
    """A row that was read but cannot be a Student: where it stands, and why.

    `sis_code` is None when even the code could not be read, which makes the read's absences meaningless
    (rules.md 6).
    """

    place: str
    detail: str
    sis_code: str | None = None
