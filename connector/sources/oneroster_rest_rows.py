"""Records of OneRoster REST as rows with the columns of OneRoster CSV, so that one meaning serves both.

OneRoster 1.1 REST binding and OneRoster 1.2 Rostering Service, JSON binding (1EdTech). The JSON of 1.2 says
preferredFirstName and preferredLastName where its CSV says preferredGivenName and preferredFamilyName.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]
Cells = list[str]

_USER = (
    *("sourcedId", "status", "enabledUser", "role", "username"),
    *("givenName", "familyName", "middleName", "identifier", "email"),
)
_ROLE = ("roleType", "role", "status", "beginDate", "endDate")
_ENROLLMENT = ("role", "status", "beginDate", "endDate")
HEADERS: Mapping[str, tuple[str, ...]] = {
    "users": (
        *_USER,
        *("orgSourcedIds", "userIds", "grades", "preferredGivenName", "preferredFamilyName", "primaryOrgSourcedId"),
    ),
    "roles": ("userSourcedId", "orgSourcedId", *_ROLE),
    "orgs": ("sourcedId", "status", "name", "type", "identifier"),
    "enrollments": ("userSourcedId", "classSourcedId", *_ENROLLMENT),
    "classes": ("sourcedId", "status", "classCode"),
}
"""The columns of each table; of users those that a record of the standard has, whatever the version."""


def text(value: object) -> str:
    """A JSON value as a cell: nothing for null and for what is no single value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else ""


def user_cells(further: Sequence[str]) -> Callable[[Record], Cells]:
    """What makes a row of users of a record; `further` are properties beyond the standard, as `metadata.room`."""
    paths = [name.split(".") for name in further]

    def cells(user: Record) -> Cells:
        return [
            *_texts(user, _USER),
            _listed(user.get("orgs")),
            _user_ids(user.get("userIds")),
            _listed(user.get("grades")),
            text(user.get("preferredFirstName") or user.get("preferredGivenName")),
            text(user.get("preferredLastName") or user.get("preferredFamilyName")),
            _reference(user.get("primaryOrg")),
            *(text(_at(user, path)) for path in paths),
        ]

    return cells


def role_rows(user: Record) -> Iterator[Cells]:
    """The roles of a user of version 1.2, each a row of roles."""
    for role in _records(user.get("roles")):
        yield [text(user.get("sourcedId")), _reference(role.get("org")), *_texts(role, _ROLE)]


def org_cells(org: Record) -> Cells:
    """A row of orgs."""
    return _texts(org, HEADERS["orgs"])


def enrollment_cells(enrollment: Record) -> Cells:
    """A row of enrollments."""
    return [
        _reference(enrollment.get("user")),
        _reference(enrollment.get("class")),
        *_texts(enrollment, _ENROLLMENT),
    ]


def class_cells(group: Record) -> Cells:
    """A row of classes."""
    return _texts(group, HEADERS["classes"])


def _texts(record: Record, names: Sequence[str]) -> Cells:
    return [
        value if type(value) is str else text(value) if value is not None else "" for value in map(record.get, names)
    ]


def _records(value: object) -> Sequence[Record]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _reference(value: object) -> str:
    """The sourcedId of a reference to another record; some servers write the bare id."""
    found = value.get("sourcedId") if isinstance(value, dict) else value
    return found if type(found) is str else text(found)


def _listed(value: object) -> str:
    """The texts of a list, or the ids of a list of references, as a CSV cell has them."""
    return ",".join(filter(None, map(_reference, value))) if isinstance(value, list) else text(value)


def _user_ids(value: object) -> str:
    """The ids as a CSV cell has them: `{type:id},{type:id}`."""
    if not value:
        return ""
    return ",".join([f"{{{text(one.get('type'))}:{text(one.get('identifier'))}}}" for one in _records(value)])


def _at(record: Record, path: Sequence[str]) -> object:
    value: object = record
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
