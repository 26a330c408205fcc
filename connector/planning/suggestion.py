"""What `suggest` says: which username rules the network's logins follow, how well, and who is an exception."""

from dataclasses import dataclass
from typing import NamedTuple

from connector.domain.ruleset import UsernameRules
from connector.domain.student import Student
from connector.mapping.keys import case_key


class Pupil(NamedTuple):
    """An active student with the login of the one directory entry keyed to them; `key` is its case_key."""

    student: Student
    login: str
    key: str


def pupil(student: Student, login: str) -> Pupil:
    """A student and their network login."""
    return Pupil(student, login, case_key(login))


class Misfit(NamedTuple):
    """A login that the rules would not give: what they would (empty: nothing), and a guess why.

    `why` is no-username, white-space, accent, preferred-name, legal-name, name-parts, counter, middle-initial,
    other-year, swapped, other-student, cut, affix, other-method, slip, surname, given-name or unknown; `detail`
    says it in words.
    """

    sis_code: str
    login: str
    expected: str
    why: str
    detail: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Username rules held against the logins. Counters and middle initials count where the rules allow them.

    `sis_field` marks rules that copy what the SIS was told, which say nothing of a student who has no login
    yet. `capitals` counts the matched logins that differ in capitals. `misfits` are the others, all of them or,
    for those that came after the first, examples.
    """

    rules: UsernameRules
    matched: int
    compared: int
    sis_field: bool = False
    capitals: int = 0
    misfits: tuple[Misfit, ...] = ()

    @property
    def rate(self) -> float:
        """The share of logins the rules give, 0 to 1."""
        return self.matched / self.compared if self.compared else 0.0

    @property
    def left_out(self) -> int:
        """How many misfits are not told."""
        return self.compared - self.matched - len(self.misfits)


class Part(NamedTuple):
    """The rules that some intakes follow: the years of finishing or of entry, and their year levels today."""

    intakes: tuple[int, ...]
    year_levels: tuple[str, ...]
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Mixture:
    """Different rules for different intakes, the newest intakes first. `by` is cohort or entry."""

    by: str
    parts: tuple[Part, ...]

    @property
    def matched(self) -> int:
        """How many logins the rules together give."""
        return sum(part.candidate.matched for part in self.parts)

    @property
    def compared(self) -> int:
        """How many logins were compared."""
        return sum(part.candidate.compared for part in self.parts)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The candidates, best first; `current` are the rules as they are configured, `mixture` where one was seen."""

    compared: int
    candidates: tuple[Candidate, ...]
    current: Candidate
    mixture: Mixture | None = None

    @property
    def choice(self) -> Candidate | None:
        """The first candidate, where it gives most of the logins."""
        return next((one for one in self.candidates[:1] if one.rate > 0.5), None)

    @property
    def settled(self) -> bool:
        """Whether the configured rules give as many logins as the best found, in the same capitals."""
        if self.mixture is not None:
            return self.current.matched >= self.mixture.matched
        best = self.choice
        return best is not None and self.current.matched >= best.matched and self.current.capitals <= best.capitals
