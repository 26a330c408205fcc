"""One student in all three places: the SIS, TrackOne and the directory, and what is seeded to be found."""

from typing import NamedTuple

from connector.demo.ldif import SUFFIX, Entry
from connector.demo.oneroster import JUNIOR, SENIOR
from connector.demo.people import AS_OF, Person
from connector.domain.account import Account

STUDENTS = "OU=Students"
LEAVERS = "OU=Leavers"
GROUPS = "OU=Groups"


class Seeded(NamedTuple):
    """One fact that is there to be found: a finding code, an action or a skip reason, and whom it is about.

    `subject` is the SIS code; the login where an entry has no code that anybody knows.
    """

    what: str
    subject: str


class Record(NamedTuple):
    """A student everywhere, and what the alignment, the first plan and its skips must say.

    `login` is what IT gave. `account` and `entry` are None where there is none; `others` are further entries.
    `action` is the change of the first plan, "" for none. `alone` says that nobody else would want the login,
    `namesake` that somebody has the same name.
    """

    person: Person
    login: str
    email: str
    account: Account | None
    entry: Entry | None
    others: tuple[Entry, ...] = ()
    findings: tuple[str, ...] = ()
    action: str = ""
    skip: str = ""
    alone: bool = False
    namesake: bool = False

    def found(self, *codes: str) -> "Record":
        """The record with these findings seeded."""
        return self._replace(findings=(*self.findings, *codes))


def roles_of(person: Person) -> tuple[str, ...]:
    """The roles the mapping gives: everybody may sign in, the senior campus has the portal."""
    return ("Student Portal", "Student Security") if person.senior else ("Student Security",)


def account_of(person: Person, username: str, email: str) -> Account:
    """The account TrackOne has for the student already, equal to what a sync would make."""
    roles = roles_of(person)
    return Account(
        username=username,
        sis_code=person.code,
        family_name=person.family,
        given_names=person.preferred or person.given,
        email=email,
        roles=roles,
        year_level=person.level,
        campus=SENIOR if person.senior else JUNIOR,
    )


def year_folder(year: int) -> str:
    """The organisational unit of a year level."""
    return f"OU=Year {year or 'P'},{STUDENTS}"


def entry_of(person: Person, login: str, email: str, number: int, *, shared_name: bool) -> Entry:
    """The student's entry as it should be; `shared_name` adds the code to a name the directory has already."""
    return Entry(
        name=f"{person.shown} {person.code}" if shared_name else person.shown,
        folder=year_folder(person.year),
        login=login,
        number=number,
        key=person.code,
        given=person.preferred or person.given,
        family=person.family,
        upn=f"{login}@{SUFFIX}",
        mail=email,
        groups=(f"CN=Year {person.level} Students,{GROUPS}",),
    )


def stays(person: Person) -> bool:
    """Whether the student is in school on the day of the demo."""
    return person.enabled and person.begin <= AS_OF and (person.end is None or person.end >= AS_OF)
