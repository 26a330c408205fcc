"""Bulk requests (RFC 7644, section 3.7): many operations in one, which may refer to what earlier ones made."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from connector.domain.scim import Caller
from scim_server.discovery import MOST_OPERATIONS
from scim_server.endpoint import Answer, Conditions, Endpoint
from scim_server.faults import ScimFault, invalid_syntax, invalid_value, not_found, too_large
from scim_server.patch import require_message
from scim_server.refusals import fault_of

BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
REFERENCE = "bulkId:"
METHODS = ("POST", "PUT", "PATCH", "DELETE")


class Operation(NamedTuple):
    """One operation of a bulk."""

    method: str
    path: str
    bulk_id: str
    version: str | None
    data: Any


def run_bulk(endpoint: Endpoint, caller: Caller, base: str, body: Mapping[str, Any]) -> Answer:
    """Do the operations, each whole or not at all; stop after `failOnErrors` failures. Raises ScimFault 400, 413.

    One that refers to the bulkId of a later one waits for it; where two wait for each other both fail with 409.
    """
    told = {key.lower(): value for key, value in body.items()}
    require_message(body, BULK_REQUEST)
    found = told.get("operations")
    if not isinstance(found, list) or not found:
        raise invalid_syntax("a bulk request needs Operations, a list of at least one")
    if len(found) > MOST_OPERATIONS:
        raise too_large(f"a bulk request has at most {MOST_OPERATIONS} operations")
    most = told.get("failonerrors")
    if most is not None and (isinstance(most, bool) or not isinstance(most, int) or most < 1):
        raise invalid_value("failOnErrors is a whole number from 1")
    results: list[dict[str, Any]] = []
    failures = 0
    for operation, fault in _in_order(found):
        result = _result(endpoint, caller, base, operation, fault, _made(results))
        results.append(result)
        failures += int(result["status"]) >= 400
        if most is not None and failures >= most:
            break
    return Answer(200, json.dumps({"schemas": [BULK_RESPONSE], "Operations": results}, ensure_ascii=False))


def _made(results: list[dict[str, Any]]) -> dict[str, str]:
    """The ids of what was made, by bulkId."""
    return {
        one["bulkId"]: one["location"].rpartition("/")[2]
        for one in results
        if one.get("bulkId") and one.get("location") and one["status"] == "201"
    }


def _in_order(found: list[Any]) -> Iterator[tuple[Operation, ScimFault | None]]:
    """The operations, each behind those it refers to; with the fault of one that cannot be done."""
    read = [_read(one) for one in found]
    made_by = {one.bulk_id for one, fault in read if one.method == "POST" and one.bulk_id and fault is None}
    waiting = [
        (one, fault, set() if fault else made_by.intersection(_references((one.path, one.data))) - {one.bulk_id})
        for one, fault in read
    ]
    done: set[str] = set()
    while waiting:
        place = next((number for number, (_, _, wanted) in enumerate(waiting) if wanted <= done), None)
        if place is None:
            for operation, _, _ in waiting:
                yield operation, ScimFault(409, "the operation waits for another that waits for it")
            return
        operation, fault, _ = waiting.pop(place)
        done.add(operation.bulk_id)
        yield operation, fault


def _read(told: Any) -> tuple[Operation, ScimFault | None]:
    told = {key.lower(): value for key, value in told.items()} if isinstance(told, Mapping) else {}
    method, path = str(told.get("method", "")).upper(), str(told.get("path", ""))
    version = told.get("version")
    text = version if isinstance(version, str) else None
    operation = Operation(method, path, str(told.get("bulkid") or ""), text, told.get("data"))
    if version is not None and text is None:
        return operation, invalid_value("version is a text")
    if method not in METHODS:
        return operation, invalid_syntax(f"method is one of {', '.join(METHODS)}")
    if method == "POST" and not operation.bulk_id:
        return operation, invalid_syntax("a POST in a bulk needs a bulkId")
    if method != "DELETE" and not isinstance(operation.data, Mapping):
        return operation, invalid_syntax(f"a {method} in a bulk needs data, an object")
    return operation, None


def _references(told: Any) -> Iterator[str]:
    """The bulkIds that a value refers to."""
    if isinstance(told, str):
        _, mark, rest = told.partition(REFERENCE)
        if mark:
            yield rest.split("/")[0].split('"')[0]
    elif isinstance(told, Mapping):
        for value in told.values():
            yield from _references(value)
    elif isinstance(told, list | tuple):
        for value in told:
            yield from _references(value)


def _resolved(told: Any, made: Mapping[str, str]) -> Any:
    """The value with the ids of what was made. Raises ScimFault 409 for a reference to nothing."""
    if isinstance(told, str):
        if REFERENCE not in told:
            return told
        for bulk_id in sorted(made, key=len, reverse=True):
            told = told.replace(f"{REFERENCE}{bulk_id}", made[bulk_id])
        if REFERENCE in told:
            raise ScimFault(409, f"{told[:80]} refers to nothing that was made")
        return told
    if isinstance(told, Mapping):
        return {key: _resolved(value, made) for key, value in told.items()}
    return [_resolved(value, made) for value in told] if isinstance(told, list) else told


def _result(
    endpoint: Endpoint,
    caller: Caller,
    base: str,
    operation: Operation,
    fault: ScimFault | None,
    made: Mapping[str, str],
) -> dict[str, Any]:
    told: dict[str, Any] = {"method": operation.method}
    if operation.bulk_id:
        told["bulkId"] = operation.bulk_id
    try:
        if fault is not None:
            raise fault
        path, data = _resolved(operation.path, made), _resolved(operation.data, made)
        kind, resource_id = _where(path)
        if resource_id:
            told["location"] = f"{base}/{kind}/{resource_id}"
        answer = _do(endpoint, caller, base, operation._replace(data=data), kind, resource_id)
    except Exception as error:
        refused = fault_of(error)
        if refused is None:
            raise
        return told | {"status": str(refused.status), "response": refused.body()}
    if "Location" in answer.headers:
        told["location"] = answer.headers["Location"]
    if "ETag" in answer.headers:
        told["version"] = answer.headers["ETag"]
    return told | {"status": str(answer.status)}


def _where(path: str) -> tuple[str, str]:
    parts = path.strip("/").split("/")
    if parts[0] not in ("Users", "Groups") or len(parts) > 2:
        raise not_found(f"there is no {path[:80]}")
    return parts[0], parts[1] if len(parts) == 2 else ""


def _do(endpoint: Endpoint, caller: Caller, base: str, operation: Operation, kind: str, resource_id: str) -> Answer:
    given = Conditions(if_match=operation.version)
    if (operation.method == "POST") is bool(resource_id):
        raise ScimFault(405, f"{operation.method} is not for {operation.path[:80]}")
    of_users = kind == "Users"
    if operation.method == "POST":
        create = endpoint.create_user if of_users else endpoint.create_group
        return create(caller, base, operation.data, given)
    if operation.method == "DELETE":
        delete = endpoint.delete_user if of_users else endpoint.delete_group
        return delete(caller, resource_id, given)
    if operation.method == "PUT":
        replace = endpoint.replace_user if of_users else endpoint.replace_group
        return replace(caller, base, resource_id, operation.data, given)
    patch = endpoint.patch_user if of_users else endpoint.patch_group
    return patch(caller, base, resource_id, operation.data, given)
