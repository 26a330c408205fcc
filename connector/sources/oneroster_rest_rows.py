"""Pages of OneRoster REST as columns with the headers of OneRoster CSV, so that one meaning serves both.

OneRoster 1.1 REST binding and OneRoster 1.2 Rostering Service, JSON binding (1EdTech). The JSON of 1.2 says
preferredFirstName and preferredLastName where its CSV says preferredGivenName and preferredFamilyName.
"""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

Record = Mapping[str, Any]
Records = Sequence[Record]
Column = Sequence[str]

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

_BLANK = {type(None)}
_TEXT = {str}
_OBJECT = {dict}


def text(value: object) -> str:
    """A JSON value as a cell: nothing for null and for what is no single value."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else ""


def identities_of(records: Records) -> Column:
    """The sourcedIds of the records that have one."""
    return list(filter(None, _texts(_values(records, "sourcedId"))))


def user_columns(users: Records, further: Sequence[str], *, ids: bool = True) -> list[Column]:
    """The columns of users; `further` are properties beyond the standard, as `metadata.room`.

    Without `ids` the column userIds is left blank: of all it takes the most, and few schools read it.
    """
    return [
        *_properties(users, _USER),
        _each(_listed, _values(users, "orgs")),
        _each(_user_ids, _values(users, "userIds")) if ids else [""] * len(users),
        _each(_listed, _values(users, "grades")),
        _either(users, "preferredFirstName", "preferredGivenName"),
        _either(users, "preferredLastName", "preferredFamilyName"),
        _references(users, "primaryOrg"),
        *(_texts([_at(user, name.split(".")) for user in users]) for name in further),
    ]


def role_columns(users: Records) -> list[Column]:
    """The columns of the roles that users of version 1.2 have, each a row of its own."""
    held = list(map(_records, _values(users, "roles")))
    ids = [user for user, roles in zip(_values(users, "sourcedId"), held, strict=True) for _ in roles]
    roles = [role for roles in held for role in roles]
    return [_texts(ids), _references(roles, "org"), *_properties(roles, _ROLE)]


def org_columns(orgs: Records) -> list[Column]:
    """The columns of orgs."""
    return _properties(orgs, HEADERS["orgs"])


def enrollment_columns(enrollments: Records) -> list[Column]:
    """The columns of enrollments."""
    return [
        _references(enrollments, "user"),
        _references(enrollments, "class"),
        *_properties(enrollments, _ENROLLMENT),
    ]


def class_columns(classes: Records) -> list[Column]:
    """The columns of classes."""
    return _properties(classes, HEADERS["classes"])


def _properties(records: Records, names: Sequence[str]) -> list[Column]:
    return [_texts(_values(records, name)) for name in names]


def _values(records: Records, name: str) -> list[Any]:
    try:
        return list(map(itemgetter(name), records))
    except KeyError:
        return [record.get(name) for record in records]


def _each(cell_of: Callable[[Any], str], values: list[Any]) -> Column:
    return [""] * len(values) if set(map(type, values)) == _BLANK else list(map(cell_of, values))


def _texts(values: list[Any]) -> Column:
    """JSON values as cells; a column is mostly of one kind, so one look at the kinds spares the look at each."""
    return values if set(map(type, values)) == _TEXT else _each(text, values)


def _either(records: Records, name: str, other: str) -> Column:
    """The one property, or the other where that says nothing."""
    return _texts([record.get(name) or record.get(other) for record in records])


def _references(records: Records, name: str) -> Column:
    """The sourcedIds of references to other records."""
    values = _values(records, name)
    if set(map(type, values)) == _OBJECT:
        return _texts(_values(values, "sourcedId"))
    return _each(_reference, values)


def _reference(value: object) -> str:
    """The sourcedId of a reference to another record; some servers write the bare id."""
    return text(value.get("sourcedId") if isinstance(value, dict) else value)


def _records(value: object) -> Records:
    return [one for one in value if type(one) is dict] if type(value) is list else []


def _listed(value: object) -> str:
    """The texts of a list, or the ids of a list of references, as a CSV cell has them."""
    return ",".join(filter(None, map(_reference, value))) if isinstance(value, list) else text(value)


def _user_ids(value: object) -> str:
    """The ids as a CSV cell has them: `{type:id},{type:id}`."""
    return ",".join([f"{{{text(one.get('type'))}:{text(one.get('identifier'))}}}" for one in _records(value)])


def _at(record: Record, path: Sequence[str]) -> object:
    value: object = record
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
