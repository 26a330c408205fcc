"""/healthz, /readyz and /metrics on the console's listener, for who watches it; nobody signs in for them."""

from collections.abc import Mapping

from flask import Blueprint, Response, request

from connector.bootstrap import build_journal
from connector.console.context import console
from connector.console.gate import anybody
from connector.domain.errors import ConnectorError
from connector.domain.operation import Health
from connector.report.metrics import PATHS, may_see, probe
from connector.services.health import look
from connector.settings.secrets import resolve_secret


def blueprint(environ: Mapping[str, str]) -> Blueprint:
    """The probes; `environ` is where the token of [monitoring] may be."""
    pages = Blueprint("operation", __name__)

    @anybody
    def probed() -> Response:
        """The answer to a probe; metrics for this machine, or for the token."""
        trusted = request.path == "/healthz" or _trusted(environ)
        accept = request.headers.get("Accept", "")
        answer = probe(request.path, _health, console().clock(), trusted=trusted, accept=accept)
        return Response(answer.body, answer.status, content_type=answer.content_type)

    for path in PATHS:
        pages.add_url_rule(path, view_func=probed)
    return pages


def _trusted(environ: Mapping[str, str]) -> bool:
    try:
        settings = console().school.settings
        ref = settings.run.token
        token = resolve_secret(ref, environ, settings.path.parent) if ref else ""
    except ConnectorError:
        token = ""  # the file is being edited: no token is right
    # Behind a proxy that the console does not know of, the address is the proxy's.
    proxied = {"X-Forwarded-For", "Forwarded"} & set(request.headers.keys()) and not console().settings.public_url
    address = "" if proxied else request.remote_addr or ""
    return may_see(address, request.headers.get("Authorization", ""), token)


def _health() -> Health:
    school = console().school
    try:
        parts = school.parts
        return look(parts.store, build_journal(school.settings, console().clock), parts.version)
    except ConnectorError as error:
        return Health("", error.message)
