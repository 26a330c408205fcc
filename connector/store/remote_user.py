"""An account as a SCIM user of a TrackOne elsewhere, and back; and the PATCH that leads from one to the other.

RFC 7643 (core schema); the extension is TrackOne's own, sent only to a service that announces it.
"""

from typing import Any, NamedTuple

from connector.domain.account import Account, UserType
from connector.store.remote_client import Document

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
TRACKONE = "urn:ietf:params:scim:schemas:extension:trackone:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Facts(NamedTuple):
    """What account and user have in common; the last four only where the service knows the extension."""

    username: str
    external_id: str
    family_name: str
    given_names: str
    email: str
    active: bool
    roles: tuple[str, ...]
    sis_code: str = ""
    user_type: str = ""
    year_level: str = ""
    campus: str = ""


class RemoteUser(NamedTuple):
    """A user of the service: its id there, its version, and what it says."""

    id: str
    etag: str
    facts: Facts


_EXTENSION = {
    "sis_code": "sisCode",
    "user_type": "userType",
    "year_level": "yearLevel",
    "campus": "campus",
}
_PATHS = {
    "username": "userName",
    "external_id": "externalId",
    "family_name": "name.familyName",
    "given_names": "name.givenName",
    "active": "active",
    **{field: f"{TRACKONE}:{name}" for field, name in _EXTENSION.items()},
}


def facts_of(account: Account, *, extended: bool) -> Facts:
    """What a user must say so that it is this account; the SIS code is the id that the service keeps for us."""
    facts = Facts(
        username=account.username,
        external_id=account.sis_code,
        family_name=account.family_name,
        given_names=account.given_names,
        email=account.email,
        active=account.approved and account.live,
        roles=tuple(sorted(account.roles)),
    )
    if not extended:
        return facts
    return facts._replace(
        sis_code=account.sis_code,
        user_type=str(account.user_type),
        year_level=account.year_level,
        campus=account.campus,
    )


def user_of(document: Document, *, extended: bool) -> RemoteUser:
    """What a document of the service says."""
    name = _object(document.get("name"))
    own = _object(document.get(TRACKONE)) if extended else {}
    facts = Facts(
        username=str(document.get("userName", "")),
        external_id=str(document.get("externalId") or ""),
        family_name=str(name.get("familyName") or ""),
        given_names=str(name.get("givenName") or ""),
        email=_email(_objects(document.get("emails"))),
        active=document.get("active") is not False,
        roles=tuple(sorted({str(role.get("value") or "") for role in _objects(document.get("roles"))} - {""})),
        **{field: str(own.get(wire) or "") for field, wire in _EXTENSION.items()},
    )
    version = str(_object(document.get("meta")).get("version") or "")
    return RemoteUser(str(document.get("id", "")), version, facts)


def document_of(facts: Facts, *, extended: bool) -> Document:
    """The user to be created."""
    body: Document = {"schemas": [USER], "userName": facts.username, "active": facts.active}
    if facts.external_id:
        body["externalId"] = facts.external_id
    names = {"familyName": facts.family_name, "givenName": facts.given_names}
    if names := {name: value for name, value in names.items() if value}:
        body["name"] = names
    if facts.email:
        body["emails"] = _emails(facts.email)
    if facts.roles:
        body["roles"] = _roles(facts.roles)
    if extended:
        own = {wire: value for field, wire in _EXTENSION.items() if (value := getattr(facts, field))}
        body |= {"schemas": [USER, TRACKONE], TRACKONE: own}
    return body


def patch_of(now: Facts, wanted: Facts) -> Document | None:
    """The PATCH that makes a user what is wanted, touching nothing else (RFC 7644, section 3.5.2); None for none."""
    operations = [
        _operation(_PATHS[field], getattr(wanted, field))
        for field in _PATHS
        if getattr(now, field) != getattr(wanted, field)
    ]
    if now.email != wanted.email:
        operations.append(_operation("emails", _emails(wanted.email) if wanted.email else ""))
    if now.roles != wanted.roles:
        operations.append(_operation("roles", _roles(wanted.roles)))
    return {"schemas": [PATCH], "Operations": operations} if operations else None


def differing(there: Facts, wanted: Facts) -> list[str]:
    """The attributes in which a user is not what was wanted, by their names in SCIM."""
    names = _PATHS | {"email": "emails", "roles": "roles"}
    return [name for field, name in names.items() if getattr(there, field) != getattr(wanted, field)]


def account_of(facts: Facts) -> Account:
    """A user that nobody here knows yet, as an account that only holds its name and says whose it may be."""
    known = facts.user_type in (UserType.STAFF, UserType.PARENT)
    return Account(
        username=facts.username,
        sis_code=facts.sis_code or facts.external_id,
        user_type=UserType(facts.user_type) if known else UserType.STUDENT,
        family_name=facts.family_name,
        given_names=facts.given_names,
        email=facts.email,
        roles=facts.roles,
        approved=facts.active,
        year_level=facts.year_level,
        campus=facts.campus,
    )


def _operation(path: str, value: Any) -> Document:
    if value in ("", []):
        return {"op": "remove", "path": path}
    return {"op": "replace", "path": path, "value": value}


def _emails(address: str) -> list[Document]:
    return [{"value": address, "type": "work", "primary": True}]


def _roles(roles: tuple[str, ...]) -> list[Document]:
    return [{"value": role} for role in roles]


def _object(told: Any) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}


def _objects(told: Any) -> list[dict[str, Any]]:
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _email(emails: list[dict[str, Any]]) -> str:
    """The primary address, else that of work, else the first."""
    found = [one for one in emails if one.get("value")]
    found.sort(key=lambda one: (not one.get("primary"), one.get("type") != "work"))
    return str(found[0]["value"]) if found else ""
