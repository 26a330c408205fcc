"""The WSGI application: addresses and methods, the gate, and every failure as a SCIM error."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

from connector.domain.scim import Caller
from connector.services.provision import Provision
from scim_server import discovery
from scim_server.bulk import run_bulk
from scim_server.direct import Application, Asked
from scim_server.endpoint import Answer, Conditions, Endpoint, conditions
from scim_server.faults import ScimFault, not_found
from scim_server.patch import require_message
from scim_server.query import LARGEST_BODY, read_json
from scim_server.refusals import fault_of

PREFIX = "/scim/v2"
SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

_UNCONDITIONED = Conditions()

log = logging.getLogger("scim_server")


class Gate(Protocol):
    """Who may come in."""

    def admit(self, environ: Mapping[str, Any]) -> Caller:
        """The caller whom a request's Authorization header names. Raises ScimFault 401, 429."""


def create_app(provision: Provision, gate: Gate, public_url: str = "") -> Application:
    """The application of one school. `public_url` is the endpoint's address as clients know it, if it is set."""
    app = Application("scim_server", _refusal)
    _Routes(Endpoint(provision), gate, public_url.rstrip("/")).register(app)
    return app


class _Routes:
    """The addresses of the endpoint."""

    def __init__(self, endpoint: Endpoint, gate: Gate, public_url: str) -> None:
        self._endpoint = endpoint
        self._gate = gate
        self._public_url = public_url

    def register(self, app: Application) -> None:
        """Add every address to the application."""
        for kind in ("Users", "Groups"):
            self._add(app, f"/{kind}", self._collection(kind), "GET", "POST")
            self._add(app, f"/{kind}/.search", self._search(kind), "POST")
            self._add(app, f"/{kind}/<resource_id>", self._resource(kind), "GET", "PUT", "PATCH", "DELETE")
        self._add(app, "/.search", self._search(""), "POST")
        self._add(app, "/Bulk", self._bulk, "POST")
        self._add(app, "/Me", _me, "GET", "POST", "PUT", "PATCH", "DELETE")
        self._add(app, "/ServiceProviderConfig", self._config, "GET")
        self._add(app, "/ResourceTypes", self._told(discovery.resource_types), "GET")
        self._add(app, "/ResourceTypes/<told_id>", self._told(discovery.resource_types), "GET")
        self._add(app, "/Schemas", self._told(discovery.schemas), "GET")
        self._add(app, "/Schemas/<told_id>", self._told(discovery.schemas), "GET")

    def _add(self, app: Application, rule: str, view: Callable[..., Answer], *methods: str) -> None:
        def admitted(asked: Asked, **parts: str) -> Answer:
            return view(asked, self._gate.admit(asked.environ), **parts)

        app.add_view(f"{PREFIX}{rule}", admitted, methods)

    def _base(self, asked: Asked) -> str:
        if self._public_url:
            return self._public_url
        host = asked.host
        if not host:
            raise ScimFault(400, "the header Host names no host")
        return f"{asked.scheme}://{host}{PREFIX}"

    def _collection(self, kind: str) -> Callable[[Asked, Caller], Answer]:
        of_groups = kind == "Groups"
        listing = self._endpoint.list_groups if of_groups else self._endpoint.list_users
        create = self._endpoint.create_group if of_groups else self._endpoint.create_user

        def view(asked: Asked, caller: Caller) -> Answer:
            if asked.method != "POST":
                return listing(caller, self._base(asked), asked.args)
            return create(caller, self._base(asked), _body(asked), _conditions(asked, of_groups=of_groups))

        return view

    def _resource(self, kind: str) -> Callable[[Asked, Caller, str], Answer]:
        of_groups, end = kind == "Groups", self._endpoint
        get = end.get_group if of_groups else end.get_user
        put = end.replace_group if of_groups else end.replace_user
        patch = end.patch_group if of_groups else end.patch_user
        delete = end.delete_group if of_groups else end.delete_user

        def view(asked: Asked, caller: Caller, resource_id: str) -> Answer:
            given, base = _conditions(asked, of_groups=of_groups), self._base(asked)
            if asked.method == "PUT":
                return put(caller, base, resource_id, _body(asked), given)
            if asked.method == "PATCH":
                return patch(caller, base, resource_id, _body(asked), given)
            if asked.method == "DELETE":
                return delete(caller, resource_id, given)
            return get(caller, base, resource_id, given)

        return view

    def _search(self, kind: str) -> Callable[[Asked, Caller], Answer]:
        end = self._endpoint
        search = {"Users": end.list_users, "Groups": end.list_groups, "": end.list_all}[kind]

        def view(asked: Asked, caller: Caller) -> Answer:
            body = _body(asked)
            require_message(body, SEARCH_REQUEST)
            return search(caller, self._base(asked), body)

        return view

    def _bulk(self, asked: Asked, caller: Caller) -> Answer:
        return run_bulk(self._endpoint, caller, self._base(asked), _body(asked))

    def _config(self, asked: Asked, _caller: Caller) -> Answer:
        _refuse_filter(asked)
        return Answer(200, json.dumps(discovery.service_provider_config(self._base(asked))))

    def _told(self, documents: Callable[[str], dict[str, dict[str, Any]]]) -> Callable[..., Answer]:
        def view(asked: Asked, _caller: Caller, told_id: str | None = None) -> Answer:
            _refuse_filter(asked)
            found = documents(self._base(asked))
            if told_id is None:
                return Answer(200, json.dumps(discovery.listed(list(found.values()))))
            if told_id not in found:
                raise not_found(f"there is no {told_id[:80]}")
            return Answer(200, json.dumps(found[told_id]))

        return view


def _refuse_filter(asked: Asked) -> None:
    """Discovery is not to be filtered (RFC 7644, section 4)."""
    if any(key.lower() == "filter" for key in asked.args):
        raise ScimFault(403, "what the endpoint announces cannot be filtered")


def _conditions(asked: Asked, *, of_groups: bool) -> Conditions:
    environ = asked.environ
    if not (environ.get("QUERY_STRING") or "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MATCH" in environ):
        return _UNCONDITIONED
    return conditions(
        environ.get("HTTP_IF_MATCH"), environ.get("HTTP_IF_NONE_MATCH"), asked.args, of_groups=of_groups
    )


def _body(asked: Asked) -> dict[str, Any]:
    return read_json(asked.body(), asked.media_type)


def _me(_asked: Asked, _caller: Caller) -> Answer:
    raise ScimFault(501, "/Me is not supported: a client is not a user")


def _refusal(error: Exception, asked: Asked | Request) -> Answer:
    """Any failure as an Error message; what nobody foresaw is logged and told without a detail."""
    if isinstance(error, HTTPException):
        fault = _http_fault(error, asked)
    elif (told := fault_of(error)) is not None:
        fault = told
    else:
        log.error("a request failed unforeseen: %s %s", asked.method, asked.path, exc_info=error)
        fault = ScimFault(500, "the request failed; the operator's log says why")
    return Answer(fault.status, fault.text(), fault.headers)


def _http_fault(error: HTTPException, asked: Asked | Request) -> ScimFault:
    status = error.code or 500
    words = {
        404: f"there is no {asked.path[:200]}",
        405: f"{asked.method} is not for {asked.path[:200]}",
        413: f"the body is larger than {LARGEST_BODY} bytes",
    }
    allowed = getattr(error, "valid_methods", None)
    headers = {"Allow": ", ".join(sorted(allowed))} if allowed else {}
    detail = words.get(status, error.description or "the request cannot be answered")
    return ScimFault(status, detail, "tooLarge" if status == 413 else "", headers)
