"""A real student for the example beside the username method."""

from datetime import date
from itertools import islice

from connector.domain.errors import OperationError
from connector.domain.ports import Source
from connector.domain.ruleset import RuleSet
from connector.domain.student import Status, Student
from connector.mapping.desired import Proposal
from connector.mapping.mapper import Mapper
from connector.report.glossary import year_label

LOOKED_AT = 300
"""So many rows of the SIS are looked at for a student whose name shows what a method does."""


def example_of(rules: RuleSet, student: Student) -> str:
    """Amelia Rose Smith, S0123, Year 7 → asmith."""
    name = Mapper(rules).desire(student).name
    made = name.base if isinstance(name, Proposal) else f"no account: {name.detail}"
    who = " ".join(part for part in (student.legal_given, student.middle, student.legal_family) if part)
    return f"{who}, {student.sis_code}, {year_label(student.year_level)} → {made}"


def find_sample(source: Source, as_of: date) -> Student:
    """An active student with a middle name and plain letters, if there is one. Raises ConnectorError."""
    reading = source.open(as_of)
    best: Student | None = None
    for row in islice(reading.rows(), LOOKED_AT):
        one = reading.student(row)
        if not isinstance(one, Student) or one.status is not Status.ACTIVE:
            continue
        if best is None or _telling(one) > _telling(best):
            best = one
    if best is None:
        raise OperationError("The SIS export shows no active student to try the options on.")
    return best


def _telling(one: Student) -> int:
    """How much of a username method a student's name shows."""
    plain = (one.legal_given + one.legal_family).isascii() and (one.legal_given + one.legal_family).isalpha()
    return 4 * plain + 2 * bool(one.middle) + bool(one.email)
