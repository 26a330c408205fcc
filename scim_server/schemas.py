"""The attributes of users and groups: what /Schemas tells, and what the endpoint reads requests by (RFC 7643)."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from scim2_models import EnterpriseUser, Group, User

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
TRACKONE = "urn:ietf:params:scim:schemas:extension:trackone:2.0:User"
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"

_KINDS = {
    "emails": ["work", "home", "other"],
    "phoneNumbers": ["work", "home", "mobile", "fax", "pager", "other"],
    "ims": ["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
    "photos": ["photo", "thumbnail"],
    "addresses": ["work", "home", "other"],
}
"""The canonical types of RFC 7643, section 4.1.2: Entra's validator flattens attributes by them."""

_OWN: tuple[tuple[str, str, str, str], ...] = (
    ("sisCode", "string", "readWrite", "The code of the student in the school's information system."),
    ("userType", "string", "readWrite", "Student, Staff or Parent."),
    ("yearLevel", "string", "readWrite", "The year level: 7, 12, P."),
    ("campus", "string", "readWrite", "The campus."),
    ("lockedOut", "boolean", "readWrite", "Whether the account is locked out after failed sign-ins."),
    ("overrideNetworkAuthentication", "boolean", "readWrite", "Whether the local password is used to sign in."),
    ("grantedRoles", "string", "readOnly", "The TrackOne roles in effect, parted by a semicolon."),
    ("roleProvenance", "string", "readOnly", "Each grant as ROLE=WHO, parted by a semicolon."),
)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a schema; `path` is what filters call it, in lower case, behind an extension's URN."""

    name: str
    type: str
    path: str
    multi: bool = False
    exact: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    subs: Mapping[str, "Attribute"] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Whether it has no sub-attributes."""
        return not self.subs


Attributes = Mapping[str, Attribute]
"""Attributes by their names in lower case; extensions by their URNs in lower case."""


@cache
def schema_documents() -> Mapping[str, dict[str, Any]]:
    """The schemas as /Schemas tells them, by URN."""
    documents = {model.to_schema().id: _told(model) for model in (User, EnterpriseUser, Group)}
    documents[TRACKONE] = _own_schema()
    return {str(urn): document for urn, document in documents.items()}


def _told(model: Any) -> dict[str, Any]:
    document: dict[str, Any] = deepcopy(model.to_schema().model_dump(exclude_none=True))
    for attribute in document["attributes"]:
        attribute.pop("subAttributes", None) if not attribute.get("subAttributes") else None
        for sub in attribute.get("subAttributes", ()):
            if sub["name"] == "type" and attribute["name"] in _KINDS:
                sub["canonicalValues"] = _KINDS[attribute["name"]]
            if sub["name"] == "display" and attribute["name"] == "members":
                sub["mutability"] = "readOnly"  # it is the member's own name
        if attribute["name"] == "displayName" and model is Group:
            attribute |= {"uniqueness": "server", "required": True}
        if attribute["name"] == "userName":
            attribute |= {"required": True}
    return document


def _own_schema() -> dict[str, Any]:
    return {
        "schemas": [SCHEMA],
        "id": TRACKONE,
        "name": "TrackOneUser",
        "description": "What a TrackOne account has beyond a User.",
        "attributes": [
            {
                "name": name,
                "type": kind,
                "multiValued": False,
                "description": description,
                "required": False,
                "caseExact": False,
                "mutability": mutability,
                "returned": "request" if mutability == "readOnly" else "default",
                "uniqueness": "server" if name == "sisCode" else "none",
                **({"canonicalValues": ["Student", "Staff", "Parent"]} if name == "userType" else {}),
            }
            for name, kind, mutability, description in _OWN
        ],
    }


_COMMON = (
    Attribute("id", "string", "id", exact=True, mutability="readOnly", returned="always"),
    Attribute("externalId", "string", "externalid", exact=True),
    Attribute("schemas", "reference", "schemas", multi=True, returned="always"),  # URNs differ not by letter case
    Attribute(
        "meta",
        "complex",
        "meta",
        mutability="readOnly",
        subs={
            name.lower(): Attribute(name, kind, "meta", exact=True, mutability="readOnly")
            for name, kind in (
                ("resourceType", "string"),
                ("created", "dateTime"),
                ("lastModified", "dateTime"),
                ("location", "reference"),
                ("version", "string"),
            )
        },
    ),
)


@cache
def user_attributes() -> Attributes:
    """The attributes of a User, its extensions' under their URNs."""
    own = {one.name.lower(): one for one in (*_COMMON, *_attributes(USER, ""))}
    extensions = {
        urn.lower(): Attribute(
            urn,
            "complex",
            urn.lower(),
            subs={one.name.lower(): one for one in _attributes(urn, f"{urn.lower()}:")},
        )
        for urn in (ENTERPRISE, TRACKONE)
    }
    return own | extensions


@cache
def group_attributes() -> Attributes:
    """The attributes of a Group."""
    return {one.name.lower(): one for one in (*_COMMON, *_attributes(GROUP, ""))}


def _attributes(urn: str, prefix: str) -> Iterator[Attribute]:
    for told in schema_documents()[urn]["attributes"]:
        path = f"{prefix}{told['name'].lower()}"
        yield _attribute(told, path)


def _attribute(told: Mapping[str, Any], path: str) -> Attribute:
    subs = {sub["name"].lower(): _attribute(sub, path) for sub in told.get("subAttributes", ())}
    return Attribute(
        told["name"],
        told["type"],
        path,
        multi=told.get("multiValued", False),
        exact=told.get("caseExact", False),
        mutability=told.get("mutability", "readWrite"),
        returned=told.get("returned", "default"),
        subs=subs,
    )
