"""One student in all three places: the SIS, TrackOne and the directory, and what is seeded to be found."""

from typing import NamedTuple

from connector.demo.ldif import SUFFIX, Entry
from connector.demo.people import SENIOR, Person
from connector.domain.account import Account

STUDENTS = "OU=Students"
LEAVERS = "OU=Leavers"
GROUPS = "OU=Groups"


class Record(NamedTuple):
    """A student everywhere, and what the alignment, the first plan and its skips must say.

    `login` is what IT gave. `account` and `entry` are None where there is none; `others` are further entries.
    `action` is the change of the first plan, "" for none. `listed` says that the SIS export has them, `alone`
    that nobody else would want the login, `namesake` that somebody has the same name.
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
    listed: bool = True
    alone: bool = False
    namesake: bool = False

    def found(self, *codes: str) -> "Record":
        """The record with these findings seeded."""
        return self._replace(findings=(*self.findings, *codes))


def account_of(person: Person, username: str, email: str) -> Account:
    """The account TrackOne has for the student already, equal to what a sync would make."""
    return Account(
        username=username,
        sis_code=person.code,
        family_name=person.family,
        given_names=person.preferred or person.given,
        email=email,
        roles=("Student Portal", "Student Security") if person.campus == SENIOR else ("Student Security",),
        year_level=person.level,
        campus=person.campus,
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
