"""The WSGI application: addresses and methods, the gate, and every failure as a SCIM error."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from flask import Flask, Response, g, request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from connector.domain.scim import Caller
from connector.services.provision import Provision
from scim_server import discovery
from scim_server.bulk import run_bulk
from scim_server.endpoint import Answer, Conditions, Endpoint, conditions
from scim_server.faults import ScimFault, not_found
from scim_server.patch import require_message
from scim_server.query import LARGEST_BODY, read_json

PREFIX = "/scim/v2"
MEDIA_TYPE = "application/scim+json"
SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"

_UNCONDITIONED = Conditions()

log = logging.getLogger("scim_server")


class Gate(Protocol):
    """Who may come in."""

    def admit(self, headers: Headers) -> Caller:
        """The caller whose credentials the headers carry. Raises ScimFault 401, 429."""


def create_app(provision: Provision, gate: Gate, public_url: str = "") -> Flask:
    """The application of one school. `public_url` is the endpoint's address as clients know it, if it is set."""
    app = Flask("scim_server", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    routes = _Routes(Endpoint(provision), gate, public_url.rstrip("/"))
    routes.register(app)
    app.register_error_handler(Exception, _failed)
    return app


class _Routes:
    """The addresses of the endpoint."""

    def __init__(self, endpoint: Endpoint, gate: Gate, public_url: str) -> None:
        self._endpoint = endpoint
        self._gate = gate
        self._public_url = public_url

    def register(self, app: Flask) -> None:
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

    def _add(self, app: Flask, rule: str, view: Callable[..., Answer], *methods: str) -> None:
        def admitted(**parts: str) -> Response:
            g.caller = self._gate.admit(request.headers)
            return _response(view(**parts))

        app.add_url_rule(f"{PREFIX}{rule}", f"{rule} {' '.join(methods)}", admitted, methods=list(methods))

    @property
    def _base(self) -> str:
        return self._public_url or f"{request.scheme}://{request.host}{PREFIX}"

    def _collection(self, kind: str) -> Callable[[], Answer]:
        of_groups = kind == "Groups"
        listing = self._endpoint.list_groups if of_groups else self._endpoint.list_users
        create = self._endpoint.create_group if of_groups else self._endpoint.create_user

        def view() -> Answer:
            if request.method != "POST":
                return listing(g.caller, self._base, _asked())
            return create(g.caller, self._base, _body(), _conditions(of_groups=of_groups))

        return view

    def _resource(self, kind: str) -> Callable[[str], Answer]:
        of_groups, end = kind == "Groups", self._endpoint
        get = end.get_group if of_groups else end.get_user
        put = end.replace_group if of_groups else end.replace_user
        patch = end.patch_group if of_groups else end.patch_user
        delete = end.delete_group if of_groups else end.delete_user

        def view(resource_id: str) -> Answer:
            given = _conditions(of_groups=of_groups)
            if request.method == "PUT":
                return put(g.caller, self._base, resource_id, _body(), given)
            if request.method == "PATCH":
                return patch(g.caller, self._base, resource_id, _body(), given)
            if request.method == "DELETE":
                return delete(g.caller, resource_id, given)
            return get(g.caller, self._base, resource_id, given)

        return view

    def _search(self, kind: str) -> Callable[[], Answer]:
        end = self._endpoint
        search = {"Users": end.list_users, "Groups": end.list_groups, "": end.list_all}[kind]

        def view() -> Answer:
            body = _body()
            require_message(body, SEARCH_REQUEST)
            return search(g.caller, self._base, body)

        return view

    def _bulk(self) -> Answer:
        return run_bulk(self._endpoint, g.caller, self._base, _body())

    def _config(self) -> Answer:
        _refuse_filter()
        return Answer(200, json.dumps(discovery.service_provider_config(self._base)))

    def _told(self, documents: Callable[[str], dict[str, dict[str, Any]]]) -> Callable[..., Answer]:
        def view(told_id: str | None = None) -> Answer:
            _refuse_filter()
            found = documents(self._base)
            if told_id is None:
                return Answer(200, json.dumps(discovery.listed(list(found.values()))))
            if told_id not in found:
                raise not_found(f"there is no {told_id[:80]}")
            return Answer(200, json.dumps(found[told_id]))

        return view


def _refuse_filter() -> None:
    """Discovery is not to be filtered (RFC 7644, section 4)."""
    if any(key.lower() == "filter" for key in request.args):
        raise ScimFault(403, "what the endpoint announces cannot be filtered")


def _asked() -> Mapping[str, str]:
    return request.args.to_dict()


def _conditions(*, of_groups: bool) -> Conditions:
    environ = request.environ
    if not (environ.get("QUERY_STRING") or "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MATCH" in environ):
        return _UNCONDITIONED
    return conditions(request.headers, request.args, of_groups=of_groups)


def _body() -> dict[str, Any]:
    return read_json(request.get_data(cache=False), request.mimetype)


def _me() -> Answer:
    raise ScimFault(501, "/Me is not supported: a client is not a user")


def _response(answer: Answer) -> Response:
    response = Response(answer.text, answer.status, dict(answer.headers), content_type=MEDIA_TYPE)
    if answer.status in (204, 304):
        response.headers.pop("Content-Type", None)
    return response


def _failed(error: Exception) -> Response:
    """Any failure as an Error message; what nobody foresaw is logged and told without a detail."""
    if isinstance(error, ScimFault):
        fault = error
    elif isinstance(error, HTTPException):
        fault = _http_fault(error)
    else:
        log.error("a request failed unforeseen: %s %s", request.method, request.path, exc_info=error)
        fault = ScimFault(500, "the request failed; the operator's log says why")
    return Response(fault.text(), fault.status, fault.headers, content_type=MEDIA_TYPE)


def _http_fault(error: HTTPException) -> ScimFault:
    status = error.code or 500
    words = {
        404: f"there is no {request.path[:200]}",
        405: f"{request.method} is not for {request.path[:200]}",
        413: f"the body is larger than {LARGEST_BODY} bytes",
    }
    allowed = getattr(error, "valid_methods", None)
    headers = {"Allow": ", ".join(sorted(allowed))} if allowed else {}
    detail = words.get(status, error.description or "the request cannot be answered")
    return ScimFault(status, detail, "tooLarge" if status == 413 else "", headers)
