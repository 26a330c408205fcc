"""Flask's routing without the rest of its way, for views that take the request and return an Answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import flask
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import MapAdapter
from werkzeug.wrappers import Request

from scim_server.endpoint import Answer
from scim_server.query import LARGEST_BODY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MEDIA_TYPE = "application/scim+json"
_WITHOUT_BODY = (204, 304)

View = Callable[..., Answer]
"""Takes the request, and the variable parts of its address by name."""


class Asked(Request):
    """A request to a view."""

    max_content_length = LARGEST_BODY + 1  # a chunked body is cut there, and seen to be too large


class Application(flask.Flask):
    """Flask, whose contexts, sessions, signals and hooks take as long as reading a user: its views need none.

    Addresses that are added as Flask has them, and those that nobody added, go Flask's own way.
    """

    def __init__(self, name: str, refusal: Callable[[Exception, Request], Answer]) -> None:
        """`refusal` makes an answer of any failure."""
        super().__init__(name, static_folder=None)
        self.url_map.strict_slashes = False
        self.url_map.merge_slashes = False
        self.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY + 1
        self.register_error_handler(Exception, lambda error: _response(refusal(error, flask.request)))
        self._refusal = refusal
        self._views: dict[str, View] = {}

    def add_view(self, rule: str, view: View, methods: Sequence[str]) -> None:
        """Have a view answer what is asked of an address."""
        name = f"{rule} {' '.join(methods)}"
        self._views[name] = view
        self.add_url_rule(rule, name, methods=methods)

    def wsgi_app(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        asked = Asked(environ)
        view, parts = self._found(asked)
        if view is None:
            return super().wsgi_app(environ, start_response)
        try:
            answer = view(asked, **parts)
        except Exception as error:  # noqa: BLE001 - as Flask's own handlers are given any
            answer = self._refusal(error, asked)
        return _sent(answer, asked.method, start_response)

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """The address of a request, which no host name and no subdomain decides."""
        if request is None:
            return None
        return MapAdapter(self.url_map, "", "", "", request.scheme, request.path, request.method)

    def _found(self, asked: Request) -> tuple[View | None, Mapping[str, Any]]:
        """The view that is to answer, None where Flask is, and the parts of the address."""
        if asked.method == "OPTIONS":
            return None, {}
        try:
            name, parts = MapAdapter(self.url_map, "", "", "", asked.scheme, asked.path, asked.method).match()
        except HTTPException:
            return None, {}
        return self._views.get(name), parts


def _sent(answer: Answer, method: str, start_response: "StartResponse") -> list[bytes]:
    """The answer as a list of one part: a server sends that at once, any other iterable part by part."""
    status = f"{answer.status} {HTTP_STATUS_CODES[answer.status].upper()}"
    if answer.status in _WITHOUT_BODY:
        start_response(status, list(answer.headers.items()))
        return []
    body = answer.text.encode()
    told = [("Content-Type", MEDIA_TYPE), ("Content-Length", str(len(body))), *answer.headers.items()]
    start_response(status, told)
    return [] if method == "HEAD" else [body]


def _response(answer: Answer) -> flask.Response:
    """The same for Flask."""
    return flask.Response(answer.text, answer.status, answer.headers, content_type=MEDIA_TYPE)
