"""The invented school in a folder: two exports, TrackOne's accounts, a configuration, and what is to be found."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connector.demo import ldif, oneroster, population, scenes, stories
from connector.demo.configuration import write_configuration
from connector.demo.ldif import SUFFIX, Entry
from connector.demo.oneroster import Pupil, Teacher
from connector.demo.people import AS_OF, Person, stream
from connector.demo.records import GROUPS, LEAVERS, STUDENTS, Record, Seeded, account_of, entry_of, stays, year_folder
from connector.domain.account import Account, UserType
from connector.domain.errors import ConfigError
from connector.report.accounts import accounts_csv

SMALLEST, LARGEST = 50, 100_000
STAFF = "OU=Staff"
SERVICE = "OU=Service Accounts"
BUILT_IN = "CN=Users"
STAFF_NUMBERS = 2_000_000
OTHER_NUMBERS = 3_000_000
REJECTED = (
    Person("Oscar", "Beaumont", "Ray", year=3, code="0003990"),
    Person("Pippa", "Beaumont", "Fay", year=3, code="0003990"),
    Person("", "", year=6, code="0003991"),
)
"""What the school office should look at: two rows with one code, one without a name."""


@dataclass(frozen=True, slots=True)
class School:
    """Where the parts of the school lie, and what is seeded in them.

    `truth` are the findings of the alignment after the first plan was applied, `changes` the changes of that
    plan by action, `skips` its skips by reason. `matched` counts the students whose username is their login.
    """

    config: Path
    sis: Path
    directory: Path
    accounts: Path
    as_of: date
    students: int
    matched: int
    truth: tuple[Seeded, ...]
    changes: tuple[Seeded, ...]
    skips: tuple[Seeded, ...]


def build_school(directory: Path, *, students: int = 600, seed: int = 2026) -> School:
    """Write the school with so many enrolled students into the folder, the same bytes for the same numbers.

    Files that are there are written again; a store is not touched. Raises ConfigError for fewer than 50 or more
    than 100,000 students.
    """
    if not SMALLEST <= students <= LARGEST:
        raise ConfigError(
            f"--students {students}: expected {SMALLEST} to {LARGEST}",
            hint="Below that there are too few students to show every finding on.",
        )
    taken: set[str] = set()
    staff = population.teachers(students, seed, taken)
    records = _records(students, seed, taken)
    directory.mkdir(parents=True, exist_ok=True)
    school = School(
        config=directory / "connector.toml",
        sis=directory / "oneroster.zip",
        directory=directory / "directory.ldif",
        accounts=directory / "trackone-accounts.csv",
        as_of=AS_OF,
        students=students,
        matched=_matched(records),
        truth=tuple(sorted(_truth(records))),
        changes=tuple(sorted(_changes(records))),
        skips=tuple(sorted(_skips(records))),
    )
    oneroster.write(school.sis, list(_pupils(records)), staff)
    ldif.write(school.directory, _entries(records, staff), _folders(), _groups())
    _write_accounts(school.accounts, records, staff)
    write_configuration(directory)
    return school


def _records(students: int, seed: int, taken: set[str]) -> list[Record]:
    people = population.everybody(students, seed)
    alone, many = population.bases_of_one(people), population.names_of_many(people)
    records = [
        _begun(person, number, population.give_login(person, taken), namesake=person.full in many)
        for number, person in enumerate(people, 1)
    ]
    records = [record._replace(alone=record.login in alone) for record in records]
    free = [at for at, record in enumerate(records) if _ordinary(record)]
    told = scenes.tell([records[at] for at in free], stream(seed, "scenes"), students)
    for at, record in zip(free, told, strict=True):
        records[at] = record
    return [stories.tell(record) for record in records]


def _begun(person: Person, number: int, login: str, *, namesake: bool) -> Record:
    """The student with everything in order: whoever came before this year has an account, everybody an entry."""
    email = f"{login}@{SUFFIX}" if login else ""
    account = None if person.newcomer else account_of(person, login, email)
    entry = entry_of(person, login, email, number, shared_name=namesake)
    return Record(person, login, email, account, entry, action="" if account else "create", namesake=namesake)


def _ordinary(record: Record) -> bool:
    """Whether anything may happen to the student without taking a name from somebody else."""
    return not record.person.story and bool(record.login) and (record.alone or record.account is not None)


# -- what there is to find --------------------------------------------------------------------------------


def _truth(records: Iterable[Record]) -> Iterator[Seeded]:
    for record in records:
        yield from (Seeded(code, record.person.code) for code in record.findings)
        yield from (Seeded("orphan-in-directory", other.login) for other in record.others if not other.key)
        if record.person.story == "forgotten":
            yield Seeded("orphan-in-directory", record.login)
    yield from (Seeded("orphan-in-directory", entry.login) for entry in _generic())
    yield Seeded("duplicate-key-in-sis", REJECTED[0].code)
    yield Seeded("rejected-row", REJECTED[-1].code)


def _changes(records: Iterable[Record]) -> Iterator[Seeded]:
    return (Seeded(record.action, record.person.code) for record in records if record.action)


def _skips(records: Iterable[Record]) -> Iterator[Seeded]:
    yield from (Seeded(record.skip, record.person.code) for record in records if record.skip)
    yield from (Seeded("duplicate-sis-code", person.code) for person in REJECTED[:-1])
    yield Seeded("rejected-row", REJECTED[-1].code)


NOT_MATCHED = frozenset(
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


def _matched(records: Iterable[Record]) -> int:
    here = [record for record in records if stays(record.person) and record.person.story not in stories.UNLISTED]
    return sum(1 for record in here if NOT_MATCHED.isdisjoint(record.findings))


# -- the files --------------------------------------------------------------------------------------------


def _pupils(records: Sequence[Record]) -> Iterator[Pupil]:
    for number, record in enumerate(records, 1):
        if record.person.story not in stories.UNLISTED:
            yield Pupil(record.person, record.login, record.email, number)
    for number, person in enumerate(REJECTED, len(records) + 1):
        yield Pupil(person, "", "", number)


def _write_accounts(path: Path, records: Iterable[Record], staff: Iterable[Teacher]) -> None:
    accounts = [record.account for record in records if record.account is not None]
    accounts += [_staff_account(teacher) for teacher in staff]
    accounts.sort(key=lambda account: (account.sis_code, account.username))
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(accounts_csv(accounts))


def _staff_account(teacher: Teacher) -> Account:
    return Account(
        username=teacher.login,
        sis_code=teacher.code,
        user_type=UserType.STAFF,
        family_name=teacher.family,
        given_names=teacher.given,
        email=f"{teacher.login}@{SUFFIX}",
        roles=("Teacher Security",),
    )


def _entries(records: Sequence[Record], staff: Sequence[Teacher]) -> Iterator[Entry]:
    yield from _built_in()
    for number, teacher in enumerate(staff, STAFF_NUMBERS):
        yield _staff_entry(teacher, number)
    yield from _generic()
    gone = []
    for record in records:
        for entry in (record.entry, *record.others):
            if entry is not None and entry.deleted:
                gone.append(entry)
            elif entry is not None:
                yield entry
    yield from gone


def _staff_entry(teacher: Teacher, number: int) -> Entry:
    name = f"{teacher.given} {teacher.family} {teacher.code}"
    email = f"{teacher.login}@{SUFFIX}"
    return Entry(
        name, STAFF, teacher.login, number, teacher.code, teacher.given, teacher.family, upn=email, mail=email
    )


def _built_in() -> Iterator[Entry]:
    """Accounts that are nobody's: Windows' own, and those of services."""
    for number, login in enumerate(("Administrator", "Guest", "krbtgt"), OTHER_NUMBERS):
        yield Entry(login, BUILT_IN, login, number, control=ldif.NORMAL if number == OTHER_NUMBERS else 514)
    for number, login in enumerate(("svc-trackone", "svc-print", "svc-backup"), OTHER_NUMBERS + 10):
        yield Entry(login, SERVICE, login, number, upn=f"{login}@{SUFFIX}")


def _generic() -> Iterator[Entry]:
    """Logins among the students' that belong to a room, not to a person."""
    for number, login in enumerate(("kiosk-library", "exam-room-1"), OTHER_NUMBERS + 20):
        yield Entry(login, STUDENTS, login, number, upn=f"{login}@{SUFFIX}")


def _folders() -> list[str]:
    return [STUDENTS, *(year_folder(year) for year in range(13)), LEAVERS, STAFF, SERVICE, GROUPS]


def _groups() -> list[str]:
    return [f"CN=Year {year or 'P'} Students,{GROUPS}" for year in range(13)]
