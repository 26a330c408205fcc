"""A generated school: students, TrackOne's accounts, the directory's entries, and what must be found."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from io import StringIO
from typing import NamedTuple

from tests.acceptance.seeded.pupils import Pupil, crowd

AS_OF = date(2026, 3, 2)
ACCOUNT_COLUMNS = (
    *("username", "sis_code", "user_type", "family_name", "given_names", "email", "archived"),
    *("year_level", "campus", "roles"),
)
NOT_MATCHED = frozenset(
    (
        *("username-differs", "login-belongs-to-another", "whitespace-differs", "fold-differs"),
        *("matched-by-name-only", "no-username", "missing-in-directory", "deleted-in-directory"),
    )
)


class Found(NamedTuple):
    """One finding that must come out: its code, and the SIS code it is about, else the login."""

    code: str
    subject: str


@dataclass
class Entry:
    """One entry of the directory.

    `place` names its units from the inmost out, below the domain. `states` are words of STATES; `kind` is
    person, computer, contact or group.
    """

    name: str
    place: tuple[str, ...]
    login: str
    key: str = ""
    given: str = ""
    family: str = ""
    mail: str = ""
    upn: str | None = None
    display: str | None = None
    states: tuple[str, ...] = ()
    kind: str = "person"
    description: str = ""

    @property
    def principal(self) -> str:
        """The UPN: that which goes with the login unless another is given."""
        return f"{self.login.strip()}@school.test" if self.upn is None and self.login else self.upn or ""

    @property
    def shown(self) -> str:
        """The display name: given and family name unless another is given."""
        return f"{self.given} {self.family}".strip() if self.display is None else self.display


STATES = ("disabled", "locked", "expired", "expires-soon", "must-change", "no-password", "stale", "deleted")


@dataclass
class Account:
    """One of TrackOne's accounts from before."""

    username: str
    code: str = ""
    kind: str = "Student"
    given: str = ""
    family: str = ""
    email: str = ""
    archived: bool = False
    year: str = ""
    campus: str = ""
    roles: str = "Student Security"

    def row(self) -> tuple[str, ...]:
        """The line of the accounts file."""
        archived = "true" if self.archived else "false"
        own = (self.username, self.code, self.kind, self.family, self.given, self.email, archived)
        return (*own, self.year, self.campus, self.roles if self.kind == "Student" else "")


@dataclass
class Case:
    """One student everywhere, and what must be found; `rows` are the lines of the export."""

    pupil: Pupil
    username: str
    account: Account | None
    entries: list[Entry]
    truth: list[Found] = field(default_factory=list)
    rows: int = 1
    here: bool = True

    @property
    def entry(self) -> Entry:
        """The student's own entry."""
        return self.entries[0]

    def found(self, *codes: str) -> None:
        """Seed these findings about the student."""
        self.truth += [Found(code, self.pupil.code) for code in codes]


@dataclass(frozen=True)
class Habits:
    """How a school does things: `kind` is ad, openldap or samba, `method` that of usernames.

    `year_ou` is the pattern of the year units; `split` keeps the campuses in units of their own.
    """

    kind: str
    method: str
    code: str = "S{:05d}"
    year_ou: str = "OU=Year {year}"
    split: bool = False

    @property
    def active_directory(self) -> bool:
        """Whether the directory is Active Directory, in an export or live."""
        return self.kind in ("ad", "samba")


@dataclass
class School:
    """Everything; `others` are entries and accounts of nobody in the SIS, `extra` what must be found of those."""

    habits: Habits
    draw: random.Random
    cases: list[Case]
    others: list[Entry] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    extra: list[Found] = field(default_factory=list)

    @property
    def truth(self) -> list[Found]:
        """Everything that must be found, each once."""
        return sorted([one for case in self.cases for one in case.truth] + self.extra)

    @property
    def students(self) -> int:
        """How many active students are in scope."""
        return sum(case.here for case in self.cases)

    @property
    def matched(self) -> int:
        """How many of them have the username that is their login."""
        here = (case for case in self.cases if case.here)
        return sum(not any(one.code in NOT_MATCHED for one in case.truth) for case in here)

    def entries(self) -> list[Entry]:
        """Every entry, in no order."""
        entries = [entry for case in self.cases for entry in case.entries] + self.others
        self.draw.shuffle(entries)
        return entries

    def rows(self) -> Iterator[dict[str, str]]:
        """The lines of the export, in no order."""
        rows = [case.pupil.row() for case in self.cases for _ in range(case.rows)]
        self.draw.shuffle(rows)
        return iter(rows)

    def accounts_csv(self) -> str:
        """TrackOne's accounts."""
        out = StringIO()
        writer = csv.writer(out)
        writer.writerow(ACCOUNT_COLUMNS)
        writer.writerows(one.row() for one in self.accounts)
        writer.writerows(case.account.row() for case in self.cases if case.account is not None)
        return out.getvalue()


def healthy(habits: Habits, count: int, seed: int) -> School:
    """A school in which nothing is wrong; four in five students have their account already."""
    draw = random.Random(f"{seed} {habits}")
    pupils = crowd(count, habits.code, draw, latin=habits.method == "initial_surname")
    return School(habits, draw, [_case(pupil, habits, draw) for pupil in pupils])


def _case(pupil: Pupil, habits: Habits, draw: random.Random) -> Case:
    username = _username(pupil, habits, draw)
    if habits.method == "network_login":
        pupil.login = username
    given = pupil.preferred or pupil.given
    account = Account(
        username, pupil.code, "Student", given, pupil.family, pupil.email, year=str(pupil.year), campus=pupil.campus
    )
    entry = Entry(
        name=odd_name(f"{pupil.given} {pupil.family}", draw) + f" {pupil.code}",
        place=home(pupil, habits),
        login=username,
        key=pupil.code,
        given=draw.choice((given, pupil.given)),
        family=pupil.family,
        mail=pupil.email,
    )
    return Case(pupil, username, account if draw.random() < 0.8 else None, [entry])


def _username(pupil: Pupil, habits: Habits, draw: random.Random) -> str:
    if habits.method == "initial_surname":
        return pupil.base[:20]
    if habits.method == "network_login":
        return f"{pupil.base[:12]}{draw.randrange(10, 99)}{pupil.code[-3:]}"
    return pupil.code


def home(pupil: Pupil, habits: Habits, *, years: int = 0) -> tuple[str, ...]:
    """The units where the account of that student belongs; with `years`, one that many years off."""
    values = {
        "{year}": str(pupil.year + years),
        "{cohort}": str(pupil.cohort + years),
        "{intake}": str(pupil.entry_year + years),
    }
    unit = habits.year_ou.partition(",")[0].removeprefix("OU=")
    for placeholder, value in values.items():
        unit = unit.replace(placeholder, value)
    return (unit, *((pupil.campus,) if habits.split else ()), "Students", "School")


def odd_name(name: str, draw: random.Random) -> str:
    """The name as common names are written: some with what a DN has to escape."""
    given, _, family = name.partition(" ")
    ways = (name, name, name, f"{family}, {given}", f'{given} "Jo" {family}', f"#{name}", f"{given} + {family}; B")
    return draw.choice(ways)


def copied(entry: Entry, **other: object) -> Entry:
    """Another entry like this one."""
    return replace(entry, **other)  # type: ignore[arg-type]  # the caller names the fields
