"""What clients say: the addresses of schemas, bodies as Entra ID and Okta send them, and answers taken apart."""

from connector.domain.account import Account

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
TRACKONE = "urn:ietf:params:scim:schemas:extension:trackone:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def patch(*operations):
    """A PatchOp message."""
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


def bulk(*operations, **more):
    """A BulkRequest message."""
    return {"schemas": [BULK_REQUEST], "Operations": list(operations), **more}


def user(username, /, **attributes):
    """A plain user."""
    return {"schemas": [USER], "userName": username, **attributes}


def made(school, username="amelia", /, client="entra", **attributes):
    """The id of a user that a client has just made."""
    answer = school("POST", "/Users", user(username, **attributes), Client=client)
    assert answer.status_code == 201, answer.told
    return answer.told["id"]


def grouped(school, name, *members, client="entra", scopes="read write"):
    """The id of a group that a client has just made."""
    body = {"schemas": [GROUP], "displayName": name, "members": [{"value": one} for one in members]}
    answer = school("POST", "/Groups", body, Client=client, Scopes=scopes)
    assert answer.status_code == 201, answer.told
    return answer.told["id"]


def found(school, query, kind="Users", **headers):
    """The ids that a query finds, in order."""
    answer = school("GET", f"/{kind}?{query}", **headers)
    assert answer.status_code == 200, answer.told
    return [one["id"] for one in answer.told["Resources"]]


def student(username, code, **fields):
    """An account as a sync makes it."""
    given = {"given_names": "Amelia", "family_name": "Smith", "year_level": "7", "email": f"{username}@sis.example"}
    return Account(**{"username": username, "sis_code": code, "claimed": True, **given, **fields})


def refused(answer, status, scim_type=None):
    """Hold an answer against the shape of an Error message (RFC 7644, section 3.12)."""
    assert answer.status_code == status, (answer.status_code, answer.told)
    assert answer.content_type == "application/scim+json"
    assert answer.told["schemas"] == [ERROR]
    assert answer.told["status"] == str(status)
    assert answer.told["detail"]
    assert answer.told.get("scimType") == scim_type, answer.told
