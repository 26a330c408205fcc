"""Records of OneRoster REST as rows with the columns of OneRoster CSV, so that one meaning serves both.

OneRoster 1.1 REST binding and OneRoster 1.2 Rostering Service, JSON binding (1EdTech). The JSON of 1.2 says
preferredFirstName and preferredLastName where its CSV says preferredGivenName and preferredFamilyName.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]
Cells = list[str]

_USER = (
    *(
        "sourcedId",
        "status",
        "enabledUser",
        "orgSourcedIds",
        "role",
        "username",
        "userIds",
        "givenName",
        "familyName",
    ),
    *("middleName", "identifier", "email", "grades", "preferredGivenName", "preferredFamilyName"),
    *("primaryOrgSourcedId", "dateLastModified"),
)
_ROLE = ("userSourcedId", "roleType", "role", "status", "beginDate", "endDate", "orgSourcedId")
HEADERS: Mapping[str, tuple[str, ...]] = {
    "users": _USER,
    "roles": _ROLE,
    "orgs": ("sourcedId", "status", "name", "type", "identifier"),
    "enrollments": ("userSourcedId", "classSourcedId", "role", "status", "beginDate", "endDate"),
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
            text(user.get("sourcedId")),
            text(user.get("status")),
            text(user.get("enabledUser")),
            ",".join(_references(user.get("orgs"))),
            text(user.get("role")),
            text(user.get("username")),
            _user_ids(user.get("userIds")),
            text(user.get("givenName")),
            text(user.get("familyName")),
            text(user.get("middleName")),
            text(user.get("identifier")),
            text(user.get("email")),
            _grades(user.get("grades")),
            text(user.get("preferredFirstName") or user.get("preferredGivenName")),
            text(user.get("preferredLastName") or user.get("preferredFamilyName")),
            _reference(user.get("primaryOrg")),
            text(user.get("dateLastModified")),
            *(text(_at(user, path)) for path in paths),
        ]

    return cells


def role_rows(user: Record) -> Iterator[Cells]:
    """The roles of a user of version 1.2, each a row of roles."""
    person = text(user.get("sourcedId"))
    for role in _records(user.get("roles")):
        yield [
            person,
            text(role.get("roleType")),
            text(role.get("role")),
            text(role.get("status")),
            text(role.get("beginDate")),
            text(role.get("endDate")),
            _reference(role.get("org")),
        ]


def org_cells(org: Record) -> Cells:
    """A row of orgs."""
    return [text(org.get(name)) for name in HEADERS["orgs"]]


def enrollment_cells(enrollment: Record) -> Cells:
    """A row of enrollments."""
    return [
        _reference(enrollment.get("user")),
        _reference(enrollment.get("class")),
        *(text(enrollment.get(name)) for name in ("role", "status", "beginDate", "endDate")),
    ]


def class_cells(group: Record) -> Cells:
    """A row of classes."""
    return [text(group.get(name)) for name in HEADERS["classes"]]


def _records(value: object) -> Iterator[Record]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, Mapping))


def _reference(value: object) -> str:
    """The sourcedId of a reference to another record; some servers write the bare id."""
    return text(value.get("sourcedId")) if isinstance(value, Mapping) else text(value)


def _references(value: object) -> Iterable[str]:
    return filter(None, map(_reference, value)) if isinstance(value, list) else ()


def _grades(value: object) -> str:
    return ",".join(filter(None, map(text, value))) if isinstance(value, list) else text(value)


def _user_ids(value: object) -> str:
    """The ids as a CSV cell has them: `{type:id},{type:id}`."""
    return ",".join(f"{{{text(one.get('type'))}:{text(one.get('identifier'))}}}" for one in _records(value))


def _at(record: Record, path: Sequence[str]) -> object:
    value: object = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
