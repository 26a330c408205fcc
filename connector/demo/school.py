"""The invented school in a folder: two exports, TrackOne's accounts, a configuration, and what is to be found."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connector.demo import ldif, oneroster, others, population, scenes, stories, truth
from connector.demo.configuration import CONNECTOR, write_configuration
from connector.demo.ldif import SUFFIX, Entry
from connector.demo.oneroster import Pupil, Teacher
from connector.demo.people import AS_OF, Person, stream
from connector.demo.records import Record, account_of, entry_of
from connector.demo.truth import Seeded
from connector.domain.errors import ConfigError
from connector.report.accounts import accounts_csv

SMALLEST, LARGEST = 50, 100_000


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
    theirs = directory / "connector.toml"
    if theirs.exists() and not theirs.read_text("utf-8", "replace").startswith(CONNECTOR.partition("\n")[0]):
        raise ConfigError(f"{theirs} is there already, and it is no demo's", hint="Name another folder.")
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
        accounts=directory / "accounts.csv",
        as_of=AS_OF,
        students=students,
        matched=truth.matched(records),
        truth=tuple(sorted(truth.findings(records))),
        changes=tuple(sorted(truth.changes(records))),
        skips=tuple(sorted(truth.skips(records))),
    )
    oneroster.write(school.sis, list(_pupils(records)), staff)
    ldif.write(school.directory, _entries(records, staff), others.folders(), others.groups())
    _write_accounts(school.accounts, records, staff)
    write_configuration(directory)
    return school


def _records(students: int, seed: int, taken: set[str]) -> list[Record]:
    people = population.everybody(students, seed)
    alone, many = population.bases_of_one(people), population.names_of_many(people)
    records = [
        _begun(person, number, population.give_login(person, taken), namesake=not person.names.isdisjoint(many))
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


def _pupils(records: Sequence[Record]) -> Iterator[Pupil]:
    for number, record in enumerate(records, 1):
        if record.listed:
            yield Pupil(record.person, record.login, record.email, number)
    for number, person in enumerate(truth.REJECTED, len(records) + 1):
        yield Pupil(person, "", "", number)


def _write_accounts(path: Path, records: Iterable[Record], staff: Iterable[Teacher]) -> None:
    accounts = [record.account for record in records if record.account is not None]
    accounts += [others.staff_account(teacher) for teacher in staff]
    accounts.sort(key=lambda account: (account.sis_code, account.username))
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(accounts_csv(accounts))


def _entries(records: Sequence[Record], staff: Sequence[Teacher]) -> Iterator[Entry]:
    yield from others.nobodys_entries()
    for place, teacher in enumerate(staff):
        yield others.staff_entry(teacher, place)
    students = [entry for record in records for entry in (record.entry, *record.others) if entry is not None]
    yield from sorted(students, key=lambda entry: entry.deleted)
