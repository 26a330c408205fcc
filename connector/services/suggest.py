"""Find the username rules the school network uses, from the logins of known students; writes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass

from connector.domain.entry import Completeness
from connector.domain.errors import DirectoryError
from connector.domain.ports import Progress, Reading
from connector.domain.student import Status, Student
from connector.mapping.keys import case_key
from connector.planning.correlate import correlate
from connector.planning.suggest import suggest
from connector.planning.suggestion import Suggestion, pupil
from connector.services.collector import collector_at_rest
from connector.services.decision import CODE_KIND, ENTRIES, Request
from connector.services.intake import Intake
from connector.services.parts import Parts, look_at_directory, required_directory


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion with what its report needs beside it.

    `students` counts the active ones in scope, `shared` those of them to whom several entries are keyed. `names`
    are theirs by SIS code; `completeness` proves the directory read.
    """

    suggestion: Suggestion
    students: int
    shared: int
    names: dict[str, str]
    completeness: Completeness


def suggest_rules(parts: Parts, request: Request, progress: Progress) -> Suggested:
    """What the directory tells of the network's usernames: of active students in scope keyed to exactly one entry.

    Raises ConfigError without a directory, DirectoryError when nothing of it could be read.
    """
    required_directory(parts)
    with collector_at_rest():
        return _suggested(parts, request, progress)


def _suggested(parts: Parts, request: Request, progress: Progress) -> Suggested:
    with parts.store.view() as accounts:
        code_kind, last_entries = accounts.state(CODE_KIND) or "", accounts.state(ENTRIES)
    reading = parts.source.open(request.as_of, code_kind)
    view = look_at_directory(parts, last_entries)
    if view.read is None:
        raise DirectoryError(view.fault)
    students = [
        student
        for student in _students(parts, reading, progress)
        if student.status is Status.ACTIVE and parts.rules.scope.covers(student.year_level)
    ]
    progress("Comparing usernames", 0, len(students))
    directory = correlate(view.read, ())
    keyed = [(student, directory.entries_of(student.sis_code)) for student in students]
    linked = [(student, entries[0].login) for student, entries in keyed if len(entries) == 1]
    logins = frozenset(case_key(entry.login) for entry in view.read.entries if not entry.deleted)
    return Suggested(
        suggest([pupil(student, login) for student, login in linked if login], logins, parts.rules),
        students=len(students),
        shared=sum(len(entries) > 1 for _student, entries in keyed),
        names={student.sis_code: f"{student.given} {student.family}".strip() for student, _login in linked},
        completeness=view.read.completeness,
    )


def _students(parts: Parts, reading: Reading, progress: Progress) -> Iterator[Student]:
    """The students that could be read, less those whose code stands in several rows."""
    intake = Intake(reading, parts.rules.fingerprint, parts.version, set())
    intake.take(progress)
    for key, rows in intake.people():
        if key and len(rows) == 1:
            item = reading.student(rows[0])
            if isinstance(item, Student):
                yield item
