"""The fields of a Student that rules may name, under the names people write."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import NamedTuple

from connector.domain.student import Student

GIVEN, FAMILY, CODE = "given", "family", "code"


class Field(NamedTuple):
    """How a field becomes letters (as a given name, a family name or a code), and how it is read."""

    kind: str
    read: Callable[[Student], str]


def cohort2(student: Student) -> str:
    """The last two digits of the year of finishing, or nothing."""
    return "" if student.cohort is None else f"{student.cohort % 100:02d}"


def email_local(student: Student) -> str:
    """What stands before the last @ of the e-mail address."""
    return student.email.rpartition("@")[0]


def network_login(student: Student) -> str:
    """The SIS's own login field, else the local part of the e-mail, else nothing."""
    return student.network_login or email_local(student)


_LEGAL_FAMILY = Field(FAMILY, attrgetter("legal_family"))
_FAMILY = Field(FAMILY, lambda student: student.family)
_LEGAL_GIVEN = Field(GIVEN, attrgetter("legal_given"))
_GIVEN = Field(GIVEN, lambda student: student.given)
_MIDDLE = Field(GIVEN, lambda student: student.middle)
_CODE = Field(CODE, lambda student: student.sis_code)
_YEAR = Field(CODE, lambda student: student.year_level)
_LOGIN = Field(CODE, lambda student: student.network_login)

FIELDS: Mapping[str, Field] = {
    "sis_code": _CODE,
    "given_names": _LEGAL_GIVEN,
    "family_name": _LEGAL_FAMILY,
    "middle_name": _MIDDLE,
    "preferred_name": _GIVEN,
    "preferred_family_name": _FAMILY,
    "year_level": _YEAR,
    "campus": Field(CODE, lambda student: student.campus),
    "status": Field(CODE, lambda student: student.status.value),
    "email": Field(CODE, lambda student: student.email),
    "network_login": _LOGIN,
    "homegroup": Field(CODE, lambda student: student.homegroup),
    "house": Field(CODE, lambda student: student.house),
    "entry_date": Field(CODE, lambda student: student.entry_date.isoformat() if student.entry_date else ""),
    "exit_date": Field(CODE, lambda student: student.exit_date.isoformat() if student.exit_date else ""),
    "flags": Field(CODE, lambda student: " ".join(sorted(student.flags))),
    "classes": Field(CODE, lambda student: " ".join(sorted(student.classes))),
    "legal_given": _LEGAL_GIVEN,
    "legal_family": _LEGAL_FAMILY,
    "cohort": Field(CODE, lambda student: "" if student.cohort is None else str(student.cohort)),
    "cohort2": Field(CODE, cohort2),
    "email_local": Field(CODE, email_local),
    "given": _LEGAL_GIVEN,
    "preferred": _GIVEN,
    "middle": _MIDDLE,
    "surname": _LEGAL_FAMILY,
    "legal_surname": _LEGAL_FAMILY,
    "code": _CODE,
    "year": _YEAR,
    "login": _LOGIN,
}
"""The canonical fields, what is derived from them, and short names. An empty preferred name is the legal one."""


def field_of(name: str, given: str) -> Field:
    """A field as username rules read it: `given` and `surname` are the names that `[usernames] given` chose."""
    if given == "preferred":
        name = {"given": "preferred_name", "surname": "preferred_family_name"}.get(name, name)
    return FIELDS[name]


def raw_values(student: Student, name: str) -> tuple[str, ...]:
    """What the SIS says under a name: a field (every campus, class and flag), or a further SIS column."""
    if name in ("campus", "classes", "flags"):
        return tuple(getattr(student, "campuses" if name == "campus" else name))
    if name in student.columns:
        return (student.columns[name],)
    field = FIELDS.get(name)
    return (field.read(student),) if field else ("",)
