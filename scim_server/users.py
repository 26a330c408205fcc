"""Users: the account as a SCIM resource, its text as it is stored and sent, and the wishes in what clients send."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from json.encoder import encode_basestring as quoted
from operator import attrgetter
from typing import Any

from connector.domain.account import Account, UserType
from connector.domain.scim import Document, Person, Wanted, role_names
from scim_server import quirks
from scim_server.compact import encode
from scim_server.conform import Resource, conform
from scim_server.faults import invalid_value
from scim_server.schemas import ENTERPRISE, TRACKONE, USER, user_attributes

OWN_ADDRESS = {"": None}
"""Stands in the kept addresses for the one that is the account's own."""

HIDDEN = ""
"""Stands in what is kept for the names of attributes that the client removed although an account always has them."""

ON_REQUEST = frozenset({"grantedRoles", "roleProvenance"})
_ALWAYS_THERE = ("userType", "lockedOut", "overrideNetworkAuthentication")
_BASE, _VERSION = "\x01", "\x03"
"""Stand for the endpoint's address and for the version, which no value holds: conform refuses such characters."""

_BASE_IN_JSON, _VERSION_IN_JSON = (json.dumps(sign)[1:-1] for sign in (_BASE, _VERSION))
_OPENING = '{"meta":{"resourceType":"User","location":"'
"""How the text of every user begins. It is stored without that and the address behind it, which is the client's."""

_NOT_KEPT = frozenset({"userName", "active", "externalId", "password", TRACKONE})
_TYPES = {kind.value.lower(): kind for kind in UserType if kind is not UserType.SYSTEM}
_SHOWN_OTHERWISE = frozenset({"name", "emails", "displayName", HIDDEN})
LONGEST_USERNAME = 256
text_of = attrgetter("text")


def resource_of(person: Person) -> Resource:
    """The user as its client sees it, with marks for the base address, the client's own id and the version."""
    account, kept = person.account, person.kept
    meta = {  # first, and its location before what follows it: document_of counts on it
        "resourceType": "User",
        "location": f"{_BASE}/Users/{account.id}",
        "created": moment(person.stamp.created),
        "lastModified": moment(person.stamp.modified),
        "version": _VERSION,
    }
    resource: Resource = {"meta": meta, "schemas": [USER], "id": str(account.id)}
    if person.external_id:
        resource["externalId"] = person.external_id
    resource["userName"] = account.username
    resource |= {name: value for name, value in kept.items() if name not in _SHOWN_OTHERWISE}
    names = {"familyName": account.family_name, "givenName": account.given_names, **kept.get("name", {})}
    resource["name"] = {key: value for key, value in names.items() if value}
    if not resource["name"]:
        del resource["name"]
    shown = kept.get("displayName", _full_name(account))
    if shown:
        resource["displayName"] = shown
    if shows_active(person):
        resource["active"] = account.approved and account.live
    emails = _emails(account.email, kept.get("emails", []))
    if emails:
        resource["emails"] = emails
    if person.groups:
        resource["groups"] = [
            {"value": one.group_id, "$ref": f"{_BASE}/Groups/{one.group_id}", "display": one.display_name}
            | {"type": "direct"}
            for one in person.groups
        ]
    if ENTERPRISE in resource:
        resource["schemas"].append(ENTERPRISE)
    own = _own(person)
    if own:
        resource[TRACKONE] = own
        resource["schemas"].append(TRACKONE)
    return resource


def shows_active(person: Person) -> bool:
    """Whether the client sees `active`: it does until it removes it."""
    return "active" not in person.kept.get(HIDDEN, ())


def document_of(person: Person) -> Document:
    """The user's text as it is stored: for every client and every address the endpoint is reached by."""
    resource = resource_of(person._replace(external_id="") if person.external_id else person)
    text = encode(resource)
    version = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    text = text.removeprefix(f"{_OPENING}{_BASE_IN_JSON}").replace(_VERSION_IN_JSON, f'W/\\"{version}\\"', 1)
    text = text.replace(f'"{_BASE_IN_JSON}/', f'"{_BASE}/')
    return Document(person.account.id, text, f'W/"{version}"', person.external_id)


def sent(documents: Sequence[Document], base: str) -> str:
    """The texts of users as they are sent to a client, parted by commas."""
    beginning = opening(base)
    whole = [
        f'{{"externalId":{quoted(one.external_id)},{beginning[1:]}{one.text}'
        if one.external_id
        else beginning + one.text
        for one in documents
    ]
    return ",".join(whole).replace(_BASE, base)


def opening(base: str) -> str:
    """What stands before the stored text of a user; the client's own id comes behind its brace."""
    return f"{_OPENING}{base}"


def opened(joined: bytes, base: str) -> bytes:
    """Stored texts that were joined, each behind its `opening`, as they are sent."""
    return joined.replace(_BASE.encode(), base.encode())


def location(account_id: int, base: str) -> str:
    """The address of a user."""
    return f"{base}/Users/{account_id}"


def moment(when: datetime) -> str:
    """A moment as JSON has it: UTC, to the millisecond."""
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wanted_of(resource: Mapping[str, Any], person: Person | None) -> Wanted:
    """What a resource asks for. `person` is whom it is asked of, None for a new one. Raises ScimFault."""
    told = conform(resource, user_attributes())
    own = told.get(TRACKONE, {})
    names = told.get("name", {})
    active = told.get("active", True if person is None else person.account.approved and person.account.live)
    current = person.account.username if person is not None else ""
    username = quirks.username(str(told.get("userName", "")), current, active=active)
    _require_username(username)
    address, emails = _own_address(told.get("emails", []))
    kept = {name: value for name, value in told.items() if name not in _NOT_KEPT}
    kept |= {"name": {key: value for key, value in names.items() if key not in ("familyName", "givenName")}}
    kept |= {"emails": emails}
    kept = {name: value for name, value in kept.items() if value}
    if person is not None:
        kept = _with_name_shown(kept, person)
    override = own.get("overrideNetworkAuthentication")
    return Wanted(
        username=username,
        sis_code=" ".join(own.get("sisCode", "").split()),
        user_type=_user_type(own.get("userType"), told.get("userType"), person),
        family_name=names.get("familyName", ""),
        given_names=names.get("givenName", ""),
        email=address,
        active=active,
        locked_out=own.get("lockedOut", _locked_out_unseen(person)),
        override_network_authentication=override,
        year_level=own.get("yearLevel", ""),
        campus=own.get("campus", ""),
        external_id=told.get("externalId", ""),
        role_names=role_names(kept),
        kept=kept,
        password=told.get("password", ""),
    )


def patched_of(after: Mapping[str, Any], person: Person) -> Wanted:
    """What a PATCH asks for whose outcome is `after`. Raises ScimFault.

    What is not in it was removed, and is not shown until it is set again; the account stays as it is in that.
    """
    wanted = wanted_of(after, person)
    own = after.get(TRACKONE, {})
    hidden = [name for name in _ALWAYS_THERE if name not in own]
    hidden += ["active"] if "active" not in after else []
    return wanted._replace(kept={**wanted.kept, HIDDEN: hidden}) if hidden else wanted


def on_request(account: Account) -> Resource:
    """The roles in effect and whose grants they are: of the extension, what is only sent where it is asked for."""
    told: Resource = {}
    if account.roles:
        told["grantedRoles"] = ";".join(account.roles)
    if account.grants:
        told["roleProvenance"] = ";".join(f"{grant.role}={grant.by}" for grant in account.grants)
    return told


def unchanged(person: Person) -> Wanted:
    """What leaves a person exactly as they are."""
    account = person.account
    return Wanted(
        account.username,
        account.sis_code,
        account.user_type,
        account.family_name,
        account.given_names,
        account.email,
        account.approved and account.live,
        account.locked_out,
        account.override_network_authentication,
        account.year_level,
        account.campus,
        person.external_id,
        role_names(person.kept),
        person.kept,
    )


def _locked_out_unseen(person: Person | None) -> bool:
    """Whether an account is locked out that the client sees nothing of: it does not unlock what it does not see."""
    return person is not None and "lockedOut" in person.kept.get(HIDDEN, ()) and person.account.locked_out


def _full_name(account: Account) -> str:
    return f"{account.given_names} {account.family_name}".strip(" ")  # as the store trims it


def _with_name_shown(kept: Resource, person: Person) -> Resource:
    """What is kept, without a displayName that is only the full name; "" where the client wants none shown."""
    shown = _full_name(person.account)
    if "displayName" in kept:
        same = kept["displayName"] == shown and "displayName" not in person.kept
        return {name: value for name, value in kept.items() if name != "displayName" or not same}
    return {**kept, "displayName": ""} if shown else kept


def _own(person: Person) -> Resource:
    account, hidden = person.account, person.kept.get(HIDDEN, ())
    told: Resource = {"sisCode": account.sis_code} if account.sis_code else {}
    told["userType"] = str(account.user_type)
    if account.year_level:
        told["yearLevel"] = account.year_level
    if account.campus:
        told["campus"] = account.campus
    told["lockedOut"] = account.locked_out
    told["overrideNetworkAuthentication"] = account.override_network_authentication
    return {key: value for key, value in told.items() if key not in hidden} if hidden else told


def _emails(address: str, kept: list[Resource]) -> list[Resource]:
    """The addresses as they were sent, the account's own in its place; without any, that one as the work address."""
    if not any(item.get("value") == OWN_ADDRESS for item in kept):
        own = [{"value": address, "type": "work", "primary": True}] if address else []
        others = [dict(item) for item in kept]
        return [*own, *([{**item, "primary": False} if item.get("primary") else item for item in others])]
    found = [{**item, "value": address} if item.get("value") == OWN_ADDRESS else dict(item) for item in kept]
    return [item for item in found if item.get("value")]


def _own_address(emails: list[Resource]) -> tuple[str, list[Resource]]:
    """The address that becomes the account's, and all of them with it marked.

    It is the primary one, else the one for work, else the first. An only address that is for work and primary, as
    one from the SIS is shown, needs no keeping.
    """
    valued = [item for item in emails if item.get("value")]
    if not valued:
        return "", []
    chosen = next((item for item in valued if item.get("primary") is True), None)
    chosen = chosen or next((item for item in valued if item.get("type", "").lower() == "work"), valued[0])
    address: str = chosen["value"]
    if len(emails) == 1 and chosen == {"value": address, "type": "work", "primary": True}:
        return address, []
    return address, [{**item, "value": OWN_ADDRESS} if item is chosen else item for item in emails]


def _user_type(own: str | None, core: str | None, person: Person | None) -> UserType | None:
    """What kind of account is asked for: by our own attribute, of a new one also by the core one, else nothing."""
    if own is not None:
        kind = _TYPES.get(own.strip().lower())
        if kind is None:
            raise invalid_value(f"userType is one of {', '.join(_TYPES[one].value for one in _TYPES)}")
        return kind
    if person is not None:
        return person.account.user_type
    return _TYPES.get((core or "").strip().lower())


def _require_username(username: str) -> None:
    if not username.strip():
        raise invalid_value("userName is required and cannot be blank")
    if len(username) > LONGEST_USERNAME:
        raise invalid_value(f"userName is longer than {LONGEST_USERNAME} characters")
    if not username.isprintable() or username != username.strip():
        raise invalid_value("userName holds an invisible sign, or a blank at an end")
