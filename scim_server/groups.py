"""Groups: as resources, and PATCH on them as steps that touch only the members it names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from connector.domain.scim import Compare, Group, Member, Predicate, Some, account_number
from connector.services.provision import Step
from scim_server import quirks
from scim_server.conform import LONGEST_KEY, MOST_ITEMS, Resource, conform, conform_value
from scim_server.faults import ScimFault, invalid_value, mutability
from scim_server.patch import Operation, Place, holds, place_of
from scim_server.schemas import GROUP, group_attributes
from scim_server.users import moment


def resource_of(group: Group, members: Sequence[Member] | None, base: str) -> Resource:
    """The group as its client sees it; without `members` it is shown without them."""
    resource: Resource = {"schemas": [GROUP], "id": group.id}
    if group.external_id:
        resource["externalId"] = group.external_id
    resource["displayName"] = group.display_name
    if members:
        resource["members"] = [
            {"value": str(one.account_id), "$ref": f"{base}/Users/{one.account_id}", "type": "User"}
            | ({"display": one.display} if one.display else {})
            for one in members
        ]
    resource["meta"] = {
        "resourceType": "Group",
        "created": moment(group.stamp.created),
        "lastModified": moment(group.stamp.modified),
        "location": f"{base}/Groups/{group.id}",
        "version": etag(group),
    }
    return resource


def etag(group: Group) -> str:
    """The version of a group."""
    return f'W/"{group.version}"'


def read(body: Mapping[str, Any]) -> tuple[str, str, list[int]]:
    """The name, the client's own id and the members of a group that is sent. Raises ScimFault 400."""
    told = conform({key: value for key, value in body.items() if key.lower() != "members"}, group_attributes())
    name = told.get("displayName", "")
    if not name.strip():
        raise invalid_value("displayName is required and cannot be blank")
    if len(name) > LONGEST_KEY:
        raise invalid_value(f"displayName is longer than {LONGEST_KEY} characters")
    members = next((value for key, value in body.items() if key.lower() == "members"), None)
    return name, told.get("externalId", ""), member_ids(members)


def member_ids(members: Any) -> list[int]:
    """The accounts in a value of `members`; ids that no account has are refused. Raises ScimFault 400."""
    if members is None or members == "":
        return []
    ids = quirks.same_member(members)
    if len(ids) > MOST_ITEMS:
        raise invalid_value(f"more than {MOST_ITEMS} members in one request")
    numbers = [account_number(one) for one in ids]
    if None in numbers:
        raise invalid_value(f"members: there is no user {ids[numbers.index(None)][:80]!r}")
    return [number for number in numbers if number is not None]


def steps_of(operations: Sequence[Operation], members: Sequence[Member] | None) -> Iterator[Step]:
    """What the operations of a PATCH do to a group; `members` are needed by a filter only. Raises ScimFault 400."""
    for operation in operations:
        if operation.path is not None:
            yield from _step(operation, place_of(operation.path, group_attributes()), members)
            continue
        if not isinstance(operation.value, Mapping):
            raise invalid_value(f"{operation.op} without a path needs an object as its value")
        for key, value in operation.value.items():
            attribute = group_attributes().get(key.lower())
            if attribute is not None and attribute.mutability != "readOnly" and attribute.name != "schemas":
                yield from _step(operation._replace(value=value), Place("", attribute, None, None), members)


def needs_members(operations: Sequence[Operation]) -> bool:
    """Whether a filter must be held against each member."""
    return any("[" in (operation.path or "") for operation in operations)


def _step(operation: Operation, place: Place, members: Sequence[Member] | None) -> Iterator[Step]:
    op, value, name = operation.op, operation.value, place.attribute.name
    if place.attribute.mutability == "readOnly":
        raise mutability(f"{name} is written by the server only")
    if name == "members":
        yield _members_step(op, place, value, members)
    elif name == "displayName":
        if op == "remove":
            raise mutability("displayName is required and cannot be removed")
        if value is not None:
            yield Step("name", read({"displayName": value})[0])
    elif name == "externalId":
        yield Step("external", "" if op == "remove" else conform_value(place.attribute, value) or "")


def _members_step(op: str, place: Place, value: Any, members: Sequence[Member] | None) -> Step:
    if place.items is not None:
        if op != "remove":
            raise mutability("a member's id cannot be changed: remove it and add another")
        return Step("remove", members=tuple(_chosen(place.items, members or ())))
    if place.sub is not None:
        raise ScimFault(400, "members are added and removed as a whole", "invalidPath")
    if op == "remove" and value is None:
        return Step("clear")
    if op == "remove":
        return Step("remove", members=tuple(_numbers(quirks.same_member(value))))
    return Step({"add": "add", "replace": "replace"}[op], members=tuple(member_ids(value)))


def _numbers(ids: Iterable[str]) -> Iterator[int]:
    """The accounts with these ids; what is nobody's id is left out."""
    return (number for one in ids if (number := account_number(one)) is not None)


def _chosen(wanted: Predicate, members: Sequence[Member]) -> Iterator[int]:
    """The members that a filter chooses; a filter of ids needs no look at them."""
    parts = wanted.parts if isinstance(wanted, Some) else (wanted,)
    if all(isinstance(part, Compare) and part.sub == "value" and part.op == "eq" for part in parts):
        yield from _numbers(str(part.value) for part in parts if isinstance(part, Compare))
        return
    for member in members:
        item = {"value": str(member.account_id), "type": "User", "display": member.display}
        if holds(wanted, item):
            yield member.account_id
