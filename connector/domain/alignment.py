"""Whether the usernames of TrackOne are the logins of the school network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from connector.domain.entry import Completeness
from connector.domain.finding import Finding


class Share(NamedTuple):
    """How many of a group's students match."""

    matched: int
    students: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """The directory-alignment of the active students in scope (rules.md 28).

    `matched` counts the statuses `matched` and `case-differs`; `by_code` counts every finding code, `matched`
    included; `by_year` and `by_campus` break the match down. `findings` does not list `matched`.
    """

    students: int
    directory_entries: int
    matched: int
    by_code: Mapping[str, int] = field(default_factory=dict)
    completeness: Completeness = field(default_factory=Completeness)
    findings: tuple[Finding, ...] = ()
    by_year: Mapping[str, Share] = field(default_factory=dict)
    by_campus: Mapping[str, Share] = field(default_factory=dict)

    @property
    def match_rate(self) -> float:
        """matched / students, from 0 to 1; 0 where there are no students."""
        return self.matched / self.students if self.students else 0.0
