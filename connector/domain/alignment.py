"""Whether the usernames of TrackOne are the logins of the school network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from connector.domain.entry import Completeness
from connector.domain.finding import Finding


class Share(NamedTuple):
    """How many of a group's students match."""

    matched: int
    students: int

    @property
    def rate(self) -> float:
        """matched / students, from 0 to 1; 0 where there are no students."""
        return self.matched / self.students if self.students else 0.0


class FindingKey(NamedTuple):
    """What a finding is known by from one alignment to the next, without anybody's name.

    `subject` is the SIS code; `#` and a digest of the DN where there is none.
    """

    code: str
    subject: str


class Apply(StrEnum):
    """Whether a change to the directory may be made as it stands.

    YES: the directory is at fault. CHOOSE: the other side could change as well. CHECK: it rests on a guess.
    """

    YES = "yes"
    CHOOSE = "choose"
    CHECK = "check"


class Fix(NamedTuple):
    """A change to one entry of the directory that would put a finding right.

    `attribute` is login, key, upn, enabled, password-not-required or unit; the last is the DN the entry lies in.
    """

    dn: str
    attribute: str
    old: str
    new: str
    apply: Apply
    code: str
    sis_code: str


class NewName(NamedTuple):
    """The username an account would better have, since it is the student's own network login."""

    sis_code: str
    old: str
    new: str


class AlignmentRecord(NamedTuple):
    """What is remembered of an alignment: when it was made, for which day, and its counts."""

    at: datetime
    as_of: date
    students: int
    matched: int
    entries: int
    by_code: Mapping[str, int]

    @property
    def share(self) -> Share:
        """How many students matched."""
        return Share(self.matched, self.students)


@dataclass(frozen=True, slots=True)
class Trend:
    """How an alignment stands to those before it.

    `records` are the earlier ones, the oldest first, at least one. `new` are the findings that the last one had
    not, `gone` those that only the last one had, in order.
    """

    records: tuple[AlignmentRecord, ...]
    new: frozenset[FindingKey] = frozenset()
    gone: tuple[FindingKey, ...] = ()

    @property
    def last(self) -> AlignmentRecord:
        """The alignment before this one."""
        return self.records[-1]


@dataclass(frozen=True, slots=True)
class Alignment:
    """The directory-alignment of the active students in scope.

    `matched` counts the statuses `matched` and `case-differs`; `by_code` counts every finding code, `matched`
    included; `by_year`, `by_campus` and `by_unit` break the match down, the last by the DN that the students'
    entries lie in, "" for those without an entry. `findings` does not list `matched`; `fixes` and `new_names` would
    put some of them right, on either side. `proposed` counts the students without an account, whose username is the
    one they would get. `trend` is None for a first alignment and for half
    a directory.
    """

    students: int
    directory_entries: int
    matched: int
    by_code: Mapping[str, int] = field(default_factory=dict)
    completeness: Completeness = field(default_factory=Completeness)
    findings: tuple[Finding, ...] = ()
    by_year: Mapping[str, Share] = field(default_factory=dict)
    by_campus: Mapping[str, Share] = field(default_factory=dict)
    by_unit: Mapping[str, Share] = field(default_factory=dict)
    fixes: tuple[Fix, ...] = ()
    new_names: tuple[NewName, ...] = ()
    proposed: int = 0
    trend: Trend | None = None

    @property
    def match_rate(self) -> float | None:
        """matched / students, from 0 to 1, 0 without students; None where the directory was read in part."""
        return Share(self.matched, self.students).rate if self.completeness.complete else None


def finding_key(found: Finding) -> FindingKey:
    """What the finding is known by in the next alignment."""
    if found.sis_code:
        return FindingKey(found.code, found.sis_code)
    place = found.dn or found.detail or ""
    return FindingKey(found.code, f"#{sha256(place.encode()).hexdigest()[:16]}")
