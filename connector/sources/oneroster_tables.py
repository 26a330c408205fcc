"""Where the facts about a student stand in the files of a OneRoster export, and how the files belong together.

OneRoster 1.1 CSV Tables and OneRoster 1.2 CSV Binding (1EdTech).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

from connector.domain.errors import SourceError
from connector.sources.grid import Computed
from connector.sources.headers import loose
from connector.sources.manifest import Manifest
from connector.sources.memo import Memo
from connector.sources.preset import Join, Shape
from connector.sources.table import Table
from connector.sources.text import PART

Fields = Mapping[str, tuple[str, ...]]

_STANDARD = {
    loose(name): name
    for name in (
        *("sourcedId", "status", "dateLastModified", "enabledUser", "orgSourcedIds", "role", "username", "userIds"),
        *("givenName", "familyName", "middleName", "identifier", "email", "grades", "password"),
        *("preferredGivenName", "preferredFamilyName", "primaryOrgSourcedId"),
        *("userSourcedId", "roleType", "beginDate", "endDate", "orgSourcedId"),
        *("name", "type", "classSourcedId", "classCode"),
    )
}
"""The columns of the standard that matter here, by their loose spelling."""

UNMENTIONED = frozenset(
    {
        *("sourcedId", "identifier", "username", "userIds", "userMasterIdentifier", "password"),
        *("dateLastModified", "orgSourcedIds", "primaryOrgSourcedId", "role", "agentSourcedIds"),
        *("sms", "phone", "preferredMiddleName", "pronouns"),
    }
)
"""Columns of the standard that need no mention where nothing reads them."""

WORDS = {"inactive": ("inactive",), "left": ("tobedeleted",)}
DATE_FORMATS = (
    *("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S"),
    *("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S"),
)
"""A day, alone or with a time; whatever the time and its zone, the day is the one that is written."""

_STATUS = "status of user and role"
_ORG_IDS = "ids of orgs"
_USER_IDS = "userIds:"
_USER_ID = re.compile(r"\{([^:{}]*):([^{}]*)\}")
_FIELDS: Fields = {
    "sis_code": ("sourcedId",),
    "given_names": ("givenName",),
    "family_name": ("familyName",),
    "middle_name": ("middleName",),
    "status": (_STATUS,),
    "enabled": ("enabledUser",),
    "year_level": ("grades", "grade"),
    "campus": ("orgs.name", _ORG_IDS),
    "email": ("email",),
    "network_login": ("username",),
}
_FIELDS_1_2: Fields = {
    "preferred_name": ("preferredGivenName",),
    "preferred_family_name": ("preferredFamilyName",),
}

_DELETED = {"status": ("tobedeleted",)}
_STUDENT = {"role": ("student",)}
_ROLES = Join(
    name="roles",
    files=("roles.csv",),
    key=("userSourcedId",),
    on=("sourcedId",),
    where=_STUDENT,
    first={"roleType": ("primary",)},
    last=_DELETED,
    window=("beginDate", "endDate"),
    only=True,
)
_ORGS = Join(
    name="orgs",
    files=("orgs.csv",),
    key=("sourcedId",),
    on=("orgSourcedIds",),
    where={"type": ("school",)},
    without=_DELETED,
    split=",",
    keep=True,
)
_ORGS_OF_ROLES = replace(_ORGS, on=("roles.orgSourcedId",), split="", lead="primaryOrgSourcedId")
_ENROLLMENTS = Join(
    name="enrollments",
    files=("enrollments.csv",),
    key=("userSourcedId",),
    on=("sourcedId",),
    where=_STUDENT,
    without=_DELETED,
    window=("beginDate", "endDate"),
    current=True,
)
_CLASSES = Join(
    name="classes",
    files=("classes.csv",),
    key=("sourcedId",),
    on=("enrollments.classSourcedId",),
    without=_DELETED,
    keep=True,
)


def standardise(table: Table) -> list[str]:
    """Give the columns of the standard their exact names, which differ in letter case at most; tells which."""
    told = []
    headers = list(table.headers)
    for position, header in enumerate(headers):
        name = _STANDARD.get(loose(header), header)
        if name != header:
            told.append(f'{table.name}: "{header}" is read as "{name}"')
            headers[position] = name
    table.headers = tuple(headers)
    return told


def shape_of(manifest: Manifest, users: Table, *, delta: bool) -> Shape:
    """The files that are joined to users.csv, as far as the manifest counts them.

    A student is who has a role row `student` (1.2), or the role `student` in users.csv (1.1, and 1.2 without
    roles.csv); in a delta who is deleted counts too, since role rows tell only changes. Raises SourceError where
    nothing says who is a student.
    """
    there = manifest.modes.keys()
    joins: list[Join] = []
    if manifest.version == "1.2" and "roles" in there:
        joins.append(replace(_ROLES, spare=_DELETED) if delta else _ROLES)
    elif "role" not in users.headers:
        raise SourceError(
            "nothing says who is a student: there is no roles.csv (1.2) and no column role in users.csv (1.1)",
            hint="Export roles.csv too, and name it in manifest.csv.",
        )
    if "orgs" in there:
        joins.append(_ORGS_OF_ROLES if joins else _ORGS)
    by_roles = joins[:1] and joins[0].name == "roles"
    if "enrollments" in there:
        joins += [_ENROLLMENTS, _CLASSES] if "classes" in there else [_ENROLLMENTS]
    return Shape(where={} if by_roles else _STUDENT, joins=tuple(joins))


def fields_of(manifest: Manifest, shape: Shape) -> dict[str, tuple[str, ...]]:
    """The headers of each field; campus is the name of the school, classes are class codes."""
    fields = {**_FIELDS, **(_FIELDS_1_2 if manifest.version == "1.2" else {})}
    joined = {join.name for join in shape.joins}
    if "enrollments" in joined:
        fields["classes"] = ("classes.classCode",) if "classes" in joined else ("enrollments.classSourcedId",)
    return fields


def computed_columns(shape: Shape, headers: Iterable[str], statuses: set[str]) -> list[Computed]:
    """The columns made of others: the status, the ids asked for among `headers`, and org ids without orgs.csv.

    The statuses that users have are put into `statuses`.
    """
    columns = [Computed(_STATUS, ("status", "roles.status"), _status_reader(statuses))]
    columns += [
        Computed(header, ("userIds",), partial(_user_id, header.removeprefix(_USER_IDS)))
        for header in dict.fromkeys(headers)
        if header.startswith(_USER_IDS)
    ]
    if not any(join.name == "orgs" for join in shape.joins):
        columns.append(Computed(_ORG_IDS, ("orgSourcedIds", "roles.orgSourcedId"), _org_ids))
    return columns


def _status_reader(seen: set[str]) -> Callable[[str, str], str]:
    """The status of the user, or of the role where the role that makes a student of them is deleted.

    `active` only says that the record stands, so it is read as blank; enabledUser and the dates say the rest.
    """

    def read(pair: tuple[str, str]) -> str:
        user, role = pair
        if user:
            seen.add(user)
        gone = role.split(PART, 1)[0].strip().casefold() in _DELETED["status"]
        status = _DELETED["status"][0] if gone else user.strip()
        return "" if status.casefold() == "active" else status

    known = Memo(read)
    return lambda user, role: known[user, role]


def _user_id(kind: str, text: str) -> str:
    """The id of one type out of `{type:id},{type:id}`."""
    wanted = kind.casefold()
    return next((found[2].strip() for found in _USER_ID.finditer(text) if found[1].strip().casefold() == wanted), "")


def _org_ids(user: str, role: str) -> str:
    return PART.join(part.strip() for part in (role or user.replace(",", PART)).split(PART))
