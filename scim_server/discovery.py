"""What the endpoint announces of itself (RFC 7644, section 4; RFC 9865, section 3): only what it does."""

from typing import Any

from scim_server.query import CURSOR_LIFE, LARGEST_BODY, LARGEST_PAGE, PAGE
from scim_server.schemas import ENTERPRISE, GROUP, TRACKONE, USER, schema_documents

MOST_OPERATIONS = 1_000
LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


def service_provider_config(base: str) -> dict[str, Any]:
    """/ServiceProviderConfig."""
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": True, "maxOperations": MOST_OPERATIONS, "maxPayloadSize": LARGEST_BODY},
        "filter": {"supported": True, "maxResults": LARGEST_PAGE},
        "changePassword": {"supported": True},
        "sort": {"supported": True},
        "etag": {"supported": True},
        "pagination": {
            "cursor": True,
            "index": True,
            "defaultPaginationMethod": "index",
            "defaultPageSize": PAGE,
            "maxPageSize": LARGEST_PAGE,
            "cursorTimeout": int(CURSOR_LIFE.total_seconds()),
        },
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "OAuth Bearer Token",
                "description": "A token of `trackone token create`, or one of the OAuth 2.0 token endpoint.",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }


def resource_types(base: str) -> dict[str, dict[str, Any]]:
    """/ResourceTypes, by id."""
    user: dict[str, Any] = {
        "schema": USER,
        "description": "A TrackOne account",
        "schemaExtensions": [{"schema": urn, "required": False} for urn in (ENTERPRISE, TRACKONE)],
    }
    told: dict[str, dict[str, Any]] = {"User": user, "Group": {"schema": GROUP, "description": "A group of accounts"}}
    return {
        name: {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": name,
            "name": name,
            "endpoint": f"/{name}s",
            **facts,
            "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/{name}"},
        }
        for name, facts in told.items()
    }


def schemas(base: str) -> dict[str, dict[str, Any]]:
    """/Schemas, by URN."""
    return {
        urn: {**document, "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{urn}"}}
        for urn, document in schema_documents().items()
    }


def listed(resources: list[dict[str, Any]]) -> dict[str, Any]:
    """A ListResponse of all of them."""
    return {
        "schemas": [LIST_RESPONSE],
        "totalResults": len(resources),
        "itemsPerPage": len(resources),
        "startIndex": 1,
        "Resources": resources,
    }
