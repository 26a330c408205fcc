"""What each request does, whichever way it came: alone or in a bulk."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from connector.domain.scim import (
    Caller,
    Compare,
    DeskReader,
    DeskWriter,
    Document,
    Found,
    Group,
    Person,
    Wanted,
    account_number,
)
from connector.services.provision import Provision, Step, TooManyError, Written
from scim_server import groups, users
from scim_server.compact import encode
from scim_server.conform import conform
from scim_server.discovery import LIST_RESPONSE
from scim_server.faults import ScimFault, not_found
from scim_server.patch import only_active, operations, patched
from scim_server.projection import Parts, project, read_parts
from scim_server.query import GROUP_ID, Query, matches, next_cursor, read_place, read_query
from scim_server.schemas import TRACKONE, group_attributes, user_attributes

_NOTHING: Mapping[str, Any] = {}


class Answer(NamedTuple):
    """A status, a body as JSON ("" for none; a long one in UTF-8) and the headers that belong to it."""

    status: int
    text: str | bytes = ""
    headers: Mapping[str, str] = {}


class Conditions(NamedTuple):
    """What the request says of versions, and which parts of the resource it wants back."""

    if_match: str | None = None
    if_none_match: str | None = None
    parts: Parts = Parts()


class Endpoint:
    """The resources of one school. `base` is the address of the endpoint, without a slash at its end."""

    def __init__(self, provision: Provision) -> None:
        self._provision = provision

    # -- users --------------------------------------------------------------------------------------------

    def get_user(self, caller: Caller, base: str, resource_id: str, given: Conditions) -> Answer:
        """One user. Raises ScimFault 404."""
        with self._provision.glance(caller) as reader:
            document = self._document(caller, reader, _account_id(resource_id))
            more = _on_request(reader, document, given.parts)
        if given.if_none_match is not None and matches(given.if_none_match, document.etag):
            return Answer(304, headers={"ETag": document.etag})
        return _user_answer(200, document, base, given.parts, more=more)

    def list_users(self, caller: Caller, base: str, asked: Mapping[str, Any]) -> Answer:
        """The users that a query finds. Raises ScimFault 400, 403."""
        query = read_query(asked, user_attributes(), self._provision.clock())
        page = self._as_stored(caller, base, query)
        if page is not None:
            return page
        found, documents = self._found(caller, query)
        further, documents = len(found.ids) > query.page, documents[: query.page]
        sent = users.sent(documents, base)
        if not query.parts.all:
            with self._provision.glance(caller) as reader:
                more = [_on_request(reader, document, query.parts) for document in documents]
            pairs = zip(json.loads(f"[{sent}]"), more, strict=True)
            sent = ",".join(encode(project(_with(one, own), query.parts)) for one, own in pairs)
        last = (str(documents[-1].account_id) if documents else found.ids[-1]) if further else ""
        return self._page(query, found.total, sent.encode(), len(documents), last)

    def create_user(self, caller: Caller, base: str, body: Mapping[str, Any], given: Conditions) -> Answer:
        """A new user, or one that this client deleted restored. Raises ScimFault 400, 403, 409."""
        wanted = users.wanted_of(body, None)
        with self._writing(caller) as writer:
            written = self._provision.create(writer, caller, wanted, users.document_of)
        return _user_answer(201, written.document, base, given.parts, written=written, located=True)

    def replace_user(
        self, caller: Caller, base: str, resource_id: str, body: Mapping[str, Any], given: Conditions
    ) -> Answer:
        """The user as the body has it; what it says nothing of in the TrackOne extension stays. Raises ScimFault."""

        def revise(person: Person) -> Wanted:
            attributes, resource = user_attributes(), users.resource_of(person)
            if TRACKONE in resource and not any(key.lower() == TRACKONE.lower() for key in body):
                replaced = {**body, TRACKONE: resource[TRACKONE]}
            else:
                replaced = dict(body)
            same = conform(replaced, attributes) == conform(resource, attributes)
            return users.unchanged(person) if same else users.wanted_of(replaced, person)

        return self._change_user(caller, base, resource_id, revise, given)

    def patch_user(
        self, caller: Caller, base: str, resource_id: str, body: Mapping[str, Any], given: Conditions
    ) -> Answer:
        """The user after the operations. Raises ScimFault."""
        steps = operations(body)
        active = only_active(steps)

        def revise(person: Person) -> Wanted:
            if active is not None and users.shows_active(person):
                return users.unchanged(person)._replace(active=active)
            resource = users.resource_of(person)
            after = patched(resource, steps, user_attributes())
            return users.unchanged(person) if after == resource else users.patched_of(after, person)

        return self._change_user(caller, base, resource_id, revise, given)

    def delete_user(self, caller: Caller, resource_id: str, given: Conditions) -> Answer:
        """The user gone from this client's view. Raises ScimFault 403, 404, 412, 429."""
        account_id = _account_id(resource_id)
        with self._writing(caller) as writer:
            if given.if_match is not None:
                _require_version(given, self._document(caller, writer, account_id).etag)
            self._provision.delete(writer, caller, account_id)
        return Answer(204)

    def _change_user(
        self,
        caller: Caller,
        base: str,
        resource_id: str,
        revise: Callable[[Person], Wanted],
        given: Conditions,
    ) -> Answer:
        def revised(person: Person) -> Wanted:
            if given.if_match is not None:
                _require_version(given, users.document_of(person).etag)
            return revise(person)

        with self._writing(caller) as writer:
            written = self._provision.change(writer, caller, _account_id(resource_id), revised, users.document_of)
        return _user_answer(200, written.document, base, given.parts, written=written)

    # -- groups -------------------------------------------------------------------------------------------

    def get_group(self, caller: Caller, base: str, resource_id: str, given: Conditions) -> Answer:
        """One group. Raises ScimFault 404."""
        with self._provision.look(caller) as reader:
            group = _group(reader, resource_id)
            if given.if_none_match is not None and matches(given.if_none_match, groups.etag(group)):
                return Answer(304, headers={"ETag": groups.etag(group)})
            return _group_answer(200, reader, group, base, given.parts)

    def list_groups(self, caller: Caller, base: str, asked: Mapping[str, Any]) -> Answer:
        """The groups that a query finds. Raises ScimFault 400."""
        query = read_query(asked, group_attributes(), self._provision.clock())
        with self._provision.look(caller) as reader:
            found = reader.groups(query.wanted, query.order, query.window)
            ids = found.ids[: query.page]
            sent = ",".join(_group_text(reader, _group(reader, one), base, query.parts) for one in ids)
        last = ids[-1] if len(found.ids) > len(ids) and ids else ""
        return self._page(query, found.total, sent.encode(), len(ids), last)

    def create_group(self, caller: Caller, base: str, body: Mapping[str, Any], given: Conditions) -> Answer:
        """A new group. Raises ScimFault 400, 409."""
        name, external_id, members = groups.read(body)
        with self._writing(caller) as writer:
            group = self._provision.create_group(writer, caller, name, external_id, members)
            return _group_answer(201, writer, group, base, given.parts, located=True)

    def replace_group(
        self, caller: Caller, base: str, resource_id: str, body: Mapping[str, Any], given: Conditions
    ) -> Answer:
        """The group as the body has it. Raises ScimFault."""
        name, external_id, members = groups.read(body)
        steps = [Step("name", name), Step("replace", members=tuple(members))]
        if any(key.lower() == "externalid" for key in body):
            steps.append(Step("external", external_id))
        with self._writing(caller) as writer:
            _require_group_version(writer, resource_id, given)
            group = self._provision.change_group(writer, caller, resource_id, steps)
            return _group_answer(200, writer, group, base, given.parts)

    def patch_group(
        self, caller: Caller, base: str, resource_id: str, body: Mapping[str, Any], given: Conditions
    ) -> Answer:
        """The group after the operations, without a body: a list of its members would cost more than the change."""
        changes = operations(body)
        with self._writing(caller) as writer:
            _require_group_version(writer, resource_id, given)
            members = writer.members(resource_id) if groups.needs_members(changes) else None
            steps = list(groups.steps_of(changes, members))
            group = self._provision.change_group(writer, caller, resource_id, steps)
            if given.parts.all:
                return Answer(204, headers={"ETag": groups.etag(group)})
            return _group_answer(200, writer, group, base, given.parts)

    def delete_group(self, caller: Caller, resource_id: str, given: Conditions) -> Answer:
        """The group gone. Raises ScimFault 404, 412."""
        with self._writing(caller) as writer:
            _require_group_version(writer, resource_id, given)
            self._provision.delete_group(writer, caller, resource_id)
        return Answer(204)

    # -- the parts ----------------------------------------------------------------------------------------

    def list_all(self, caller: Caller, base: str, asked: Mapping[str, Any]) -> Answer:
        """A search over both kinds: the users first, then the groups. Raises ScimFault 400."""
        start, size = read_place(asked)
        total, found = 0, list[Any]()
        faults: list[ScimFault] = []
        for search in (self.list_users, self.list_groups):
            place = {"startIndex": max(start - total, 1), "count": size - len(found)}
            try:
                page = json.loads(search(caller, base, _placed(asked, place)).text)
            except ScimFault as fault:
                if fault.scim_type != "invalidFilter":
                    raise
                faults.append(fault)  # an attribute that only the other kind has
                continue
            total += page["totalResults"]
            found += page["Resources"]
        if len(faults) > 1:
            raise faults[0]
        told = {
            "schemas": [LIST_RESPONSE],
            "totalResults": total,
            "itemsPerPage": len(found),
            "startIndex": start,
            "Resources": found,
        }
        return Answer(200, encode(told))

    def _as_stored(self, caller: Caller, base: str, query: Query) -> Answer | None:
        """A page of everybody as its texts are stored; None where it takes more than sending them."""
        start, _size, after = query.window
        if query.wanted is not None or query.order is not None or not query.parts.all or not query.page:
            return None
        with self._provision.glance(caller) as reader:
            page = reader.joined_from(start, query.page, after, users.opening(base))
        if page is None:
            return None
        last = str(page.last) if page.more else ""
        return self._page(query, page.total, users.opened(page.text, base), page.size, last)

    def _found(self, caller: Caller, query: Query) -> tuple[Found, list[Document]]:
        """The page of users that a query asks for: everybody and one by name are what clients ask for all day."""
        window = query.window
        with self._provision.glance(caller) as reader:
            if query.order is None and query.wanted is None:
                read = reader.documents_from(*window) if window.size else []
                ids = tuple(str(one.account_id) for one in read)
                return Found(reader.population(), ids), self._all_made(caller, reader, read)
            if query.order is None and isinstance(query.wanted, Compare) and not query.cursor:
                called = reader.documents_called(query.wanted)
                if called is not None:
                    documents = self._all_made(caller, reader, called[window.start : window.start + window.size])
                    return Found(len(called), ()), documents
        with self._provision.look(caller) as reader:
            found = reader.people(query.wanted, query.order, window)
            return found, self._all_made(caller, reader, reader.documents([int(one) for one in found.ids]))

    @contextmanager
    def _writing(self, caller: Caller) -> Iterator[DeskWriter]:
        if "write" not in caller.scopes:
            raise ScimFault(403, "this token may only read")
        try:
            with self._provision.act(caller) as writer:
                yield writer
        except TooManyError:
            self._provision.alarm(caller)
            raise

    def _document(self, caller: Caller, reader: DeskReader, account_id: int) -> Document:
        document = reader.document(account_id)
        if document is None:
            raise not_found(f"there is no user {account_id}")
        found = self._all_made(caller, reader, [document])
        if not found:
            raise not_found(f"there is no user {account_id}")
        return found[0]

    def _all_made(self, caller: Caller, reader: DeskReader, documents: Sequence[Document]) -> list[Document]:
        """The documents, those without a text made now; whoever has gone since they were read is left out."""
        if all(map(users.text_of, documents)):
            return list(documents)
        asked = [reader.person(one.account_id) for one in documents if not one.text]
        people = [person for person in asked if person is not None]
        made = {person.account.id: users.document_of(person) for person in people}
        self._provision.desk.cache(caller.client, list(zip(people, made.values(), strict=True)))
        return [text for one in documents if (text := one if one.text else made.get(one.account_id)) is not None]

    def _page(self, query: Query, total: int, sent: bytes, size: int, last: str) -> Answer:
        """A ListResponse; behind a page by cursor with the id `last` at its end there are more."""
        told: dict[str, Any] = {"schemas": [LIST_RESPONSE], "totalResults": total, "itemsPerPage": size}
        if query.cursor:
            if last:
                told["nextCursor"] = next_cursor(query, last, self._provision.clock())
        else:
            told["startIndex"] = query.start
        return Answer(200, b'%b,"Resources":[%b]}' % (encode(told)[:-1].encode(), sent))


def _placed(asked: Mapping[str, Any], place: Mapping[str, int]) -> dict[str, Any]:
    """The query for another page."""
    names = {name.lower() for name in place}
    return {**{name: value for name, value in asked.items() if name.lower() not in names}, **place}


def _account_id(resource_id: str) -> int:
    number = account_number(resource_id)
    if number is None:
        raise not_found(f"there is no user {resource_id[:80]}")
    return number


def _group(reader: DeskReader, resource_id: str) -> Group:
    group = reader.group(resource_id) if GROUP_ID.fullmatch(resource_id) else None
    if group is None:
        raise not_found(f"there is no group {resource_id[:80]}")
    return group


def _require_version(given: Conditions, etag: str) -> None:
    if given.if_match is not None and not matches(given.if_match, etag):
        raise ScimFault(412, "the resource has another version by now: read it again")


def _require_group_version(reader: DeskReader, resource_id: str, given: Conditions) -> None:
    if GROUP_ID.fullmatch(resource_id) is None:
        raise not_found(f"there is no group {resource_id[:80]}")
    if given.if_match is not None:
        _require_version(given, groups.etag(_group(reader, resource_id)))


def _user_answer(
    status: int,
    document: Document,
    base: str,
    parts: Parts,
    *,
    written: Written | None = None,
    more: Mapping[str, Any] = _NOTHING,
    located: bool = False,
) -> Answer:
    text = users.sent([document], base)
    if not parts.all:
        if written is not None and _asks_on_request(parts):
            more = users.on_request(written.person.account)
        text = encode(project(_with(json.loads(text), more), parts))
    headers = {"ETag": document.etag}
    if located:
        headers["Location"] = users.location(document.account_id, base)
    if written is not None and written.ignored:
        headers["TrackOne-Ignored"] = ", ".join(written.ignored)
    return Answer(status, text, headers)


def _asks_on_request(parts: Parts) -> bool:
    return any(extension == TRACKONE and name in users.ON_REQUEST for extension, name, _sub in parts.only)


def _on_request(reader: DeskReader, document: Document, parts: Parts) -> Mapping[str, Any]:
    """What of the TrackOne extension is sent only where it is asked for by name; looked up only then."""
    person = reader.person(document.account_id) if _asks_on_request(parts) else None
    return users.on_request(person.account) if person is not None else _NOTHING


def _with(resource: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    return {**resource, TRACKONE: {**resource.get(TRACKONE, {}), **more}} if more else resource


def _group_answer(
    status: int, reader: DeskReader, group: Group, base: str, parts: Parts, *, located: bool = False
) -> Answer:
    headers = {"ETag": groups.etag(group)}
    if located:
        headers["Location"] = f"{base}/Groups/{group.id}"
    return Answer(status, _group_text(reader, group, base, parts), headers)


def _group_text(reader: DeskReader, group: Group, base: str, parts: Parts) -> str:
    members = None if parts.without("members") else reader.members(group.id)
    return encode(project(groups.resource_of(group, members, base), parts))


def conditions(
    if_match: str | None, if_none_match: str | None, asked: Mapping[str, Any], *, of_groups: bool
) -> Conditions:
    """What the headers of that name and URL parameters ask of the answer. Raises ScimFault 400."""
    told = {key.lower(): str(value) for key, value in asked.items()}
    only, but = told.get("attributes", ""), told.get("excludedattributes", "")
    attributes = group_attributes() if of_groups else user_attributes()
    parts = read_parts(only, but, attributes) if only or but else Parts()
    return Conditions(if_match, if_none_match, parts)
