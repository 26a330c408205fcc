"""Many changes in one request (RFC 7644, section 3.7), and which of them the service says it has done."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from connector.store.remote_change import Done
from connector.store.remote_client import Document, InDoubtError, RefusedError, ScimClient
from connector.store.remote_service import Announced
from connector.store.remote_user import Facts, RemoteUser, differing, document_of, patch_of, user_of

_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
_HEAD = json.dumps({"schemas": [_REQUEST], "Operations": []})[:-2].encode()
_TAIL = b"]}"


class Step(NamedTuple):
    """What is to be made of one user: `wanted` is None where it is to go. `name` tells it from the others."""

    name: str
    user: RemoteUser | None
    wanted: Facts | None


def make_many(client: ScimClient, steps: Sequence[Step], announced: Announced) -> dict[str, Done]:
    """Ask for all the steps at once; gives those that are surely done, by name.

    What is left out was refused or is in doubt: it is to be asked for singly, and looked for first. The steps must
    not depend on each other, since a service need not keep their order. Raises OutageError.
    """
    done: dict[str, Done] = {}
    asked: list[tuple[Step, bytes]] = []
    for step in steps:
        operation = _operation(step, extended=announced.extended)
        if operation is None:
            done[step.name] = Done(step.user)
        else:
            asked.append((step, json.dumps(operation, ensure_ascii=False).encode()))
    for part in _fitting(asked, announced.bytes):
        done |= _asked(client, part, announced)
    return done


def _operation(step: Step, *, extended: bool) -> Document | None:
    """The step as an operation; None where nothing is to be done."""
    if step.user is None:
        if step.wanted is None:
            return None
        data = document_of(step.wanted, extended=extended)
        return {"method": "POST", "path": "/Users", "bulkId": step.name, "data": data}
    told: Document = {"path": f"/Users/{step.user.id}", "bulkId": step.name}
    if step.wanted is None:
        return {"method": "DELETE"} | told
    patch = patch_of(step.user.facts, step.wanted)
    version = {"version": step.user.etag} if step.user.etag else {}
    return {"method": "PATCH"} | told | version | {"data": patch} if patch is not None else None


def _fitting(asked: Iterable[tuple[Step, bytes]], most: int) -> Iterator[list[tuple[Step, bytes]]]:
    """The operations in parts of at most so many bytes; one that is too large by itself is left out."""
    part: list[tuple[Step, bytes]] = []
    size = room = len(_HEAD) + len(_TAIL)
    for step, operation in asked:
        cost = len(operation) + 1
        if part and size + cost > most:
            yield part
            part, size = [], room
        if size + cost <= most:
            part.append((step, operation))
            size += cost
    if part:
        yield part


def _asked(client: ScimClient, part: list[tuple[Step, bytes]], announced: Announced) -> dict[str, Done]:
    body = _HEAD + b",".join(operation for _, operation in part) + _TAIL
    try:
        told = client.send("POST", "Bulk", body).document.get("Operations")
    except (InDoubtError, RefusedError):
        return {}
    known = {step.user.id: step for step, _ in part if step.user is not None}
    named = {step.name: step for step, _ in part}
    done: dict[str, Done] = {}
    for result in told if isinstance(told, list) else []:
        if not isinstance(result, dict) or not _went_well(result):
            continue
        location_id = str(result.get("location") or "").rstrip("/").rpartition("/")[2]
        step = named.get(str(result.get("bulkId") or "")) or known.get(location_id)
        if step is not None and (one := _done(step, result, location_id, extended=announced.extended)) is not None:
            done[step.name] = one
    return _believed(done)


def _went_well(result: dict[str, Any]) -> bool:
    status = result.get("status")
    code = status.get("code") if isinstance(status, dict) else status  # some send it as an object
    return str(code)[:1] == "2"


def _done(step: Step, result: dict[str, Any], location_id: str, *, extended: bool) -> Done | None:
    """The user as it must be now; None where the service speaks of another."""
    if step.wanted is None:
        return Done(None)
    if not location_id or (step.user is not None and step.user.id != location_id):
        return None
    told = result.get("response")
    if isinstance(told, dict) and told.get("id"):
        user = user_of(told, extended=extended)
        kept = differing(user.facts, step.wanted)
        return Done(user) if user.id == location_id and not kept else None
    return Done(RemoteUser(location_id, str(result.get("version") or ""), step.wanted))


def _believed(done: dict[str, Done]) -> dict[str, Done]:
    """Without those that are said to be the same user."""
    ids = [one.user.id for one in done.values() if one.user is not None]
    return {name: one for name, one in done.items() if one.user is None or ids.count(one.user.id) == 1}
