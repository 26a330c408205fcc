"""What is seeded in the school: the findings, changes and skips that its own records say must come out."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from connector.demo.others import ROOMS
from connector.demo.people import Person
from connector.demo.records import Record

REJECTED = (
    Person("Oscar", "Beaumont", "Ray", year=3, code="0003990"),
    Person("Pippa", "Beaumont", "Fay", year=3, code="0003990"),
    Person("", "", year=6, code="0003991"),
)
"""Rows of the SIS that the office should look at: two with one code, one without a name."""

_NOT_MATCHED = frozenset(
    {
        "deleted-in-directory",
        "fold-differs",
        "login-belongs-to-another",
        "matched-by-name-only",
        "missing-in-directory",
        "no-username",
        "username-differs",
        "whitespace-differs",
    }
)


class Seeded(NamedTuple):
    """One fact that is there to be found: a finding code, an action or a skip reason, and whom it is about.

    `subject` is the SIS code; the login where an entry has no code that anybody knows.
    """

    what: str
    subject: str


def findings(records: Iterable[Record]) -> Iterator[Seeded]:
    """What the alignment says once the first plan has been applied."""
    for record in records:
        yield from (Seeded(code, record.person.code) for code in record.findings)
        yield from (Seeded("orphan-in-directory", other.login) for other in record.others if not other.key)
        if record.person.story == "forgotten":
            yield Seeded("orphan-in-directory", record.login)
    yield from (Seeded("orphan-in-directory", login) for login in ROOMS)
    yield Seeded("duplicate-key-in-sis", REJECTED[0].code)
    yield Seeded("rejected-row", REJECTED[-1].code)


def changes(records: Iterable[Record]) -> Iterator[Seeded]:
    """The changes of the first plan."""
    return (Seeded(record.action, record.person.code) for record in records if record.action)


def skips(records: Iterable[Record]) -> Iterator[Seeded]:
    """The skips of the first plan, and of every later one."""
    yield from (Seeded(record.skip, record.person.code) for record in records if record.skip)
    yield from (Seeded("duplicate-sis-code", person.code) for person in REJECTED[:-1])
    yield Seeded("rejected-row", REJECTED[-1].code)


def matched(records: Iterable[Record]) -> int:
    """How many students in school have the username that is their login."""
    here = (record for record in records if record.listed and record.person.here)
    return sum(_NOT_MATCHED.isdisjoint(record.findings) for record in here)
