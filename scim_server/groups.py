"""Groups: as resources, and PATCH on them as steps that touch only the members it names."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connector.domain.scim import Compare, Group, Member, Predicate, Some
from connector.services.provision import Step
from scim_server import quirks
from scim_server.conform import MOST_ITEMS, Resource, conform
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
    members = next((value for key, value in body.items() if key.lower() == "members"), None)
    return name, told.get("externalId", ""), member_ids(members)


def member_ids(members: Any) -> list[int]:
    """The accounts in a value of `members`; ids that no account has are refused. Raises ScimFault 400."""
    if members is None or members == "":
        return []
    ids = quirks.same_member(members)
    if len(ids) > MOST_ITEMS:
        raise invalid_value(f"more than {MOST_ITEMS} members in one request")
    wrong = next((one for one in ids if not one.isdecimal() or len(one) > 18), None)
    if wrong is not None:
        raise invalid_value(f"members: there is no user {wrong[:80]!r}")
    return [int(one) for one in ids]


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
        yield Step("external", "" if op == "remove" else str(value or ""))


def _members_step(op: str, place: Place, value: Any, members: Sequence[Member] | None) -> Step:
    if place.items is not None:
        if op != "remove":
            raise mutability("a member's id cannot be changed: remove it and add another")
        return Step("remove", members=tuple(_chosen(place.items, members or ())))
    if place.sub is not None:
        raise ScimFault(400, "members are added and removed as a whole", "invalidPath")
    if op == "remove" and (value is None or value == []):
        return Step("clear")
    if op == "remove":
        ids = (one for one in quirks.same_member(value) if one.isdecimal() and len(one) <= 18)
        return Step("remove", members=tuple(int(one) for one in ids))
    return Step({"add": "add", "replace": "replace"}[op], members=tuple(member_ids(value)))


def _chosen(wanted: Predicate, members: Sequence[Member]) -> Iterator[int]:
    """The members that a filter chooses; a filter of ids needs no look at them."""
    parts = wanted.parts if isinstance(wanted, Some) else (wanted,)
    if all(isinstance(part, Compare) and part.sub == "value" and part.op == "eq" for part in parts):
        for part in parts:
            text = str(part.value) if isinstance(part, Compare) else ""
            if text.isdecimal() and len(text) <= 18:
                yield int(text)
        return
    for member in members:
        item = {"value": str(member.account_id), "type": "User", "display": member.display}
        if holds(wanted, item):
            yield member.account_id
