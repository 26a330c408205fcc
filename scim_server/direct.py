"""Flask's addresses without the rest of its way, for views that take the request and return an Answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import flask
from werkzeug.exceptions import ClientDisconnected, HTTPException
from werkzeug.http import HTTP_STATUS_CODES, parse_options_header
from werkzeug.routing import MapAdapter
from werkzeug.wrappers import Request
from werkzeug.wsgi import get_host

from scim_server.endpoint import Answer
from scim_server.query import LARGEST_BODY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MEDIA_TYPE = "application/scim+json"
_WITHOUT_BODY = (204, 304)
_DIGITS = len(str(LARGEST_BODY))

View = Callable[..., Answer]
"""Takes the request, and the variable part of its address by name."""


class Asked:
    """A request to a view: werkzeug's own makes ready much that no view asks for."""

    def __init__(self, environ: "WSGIEnvironment") -> None:
        self.environ = environ
        self.method: str = environ["REQUEST_METHOD"].upper()
        self.path: str = "/" + environ["PATH_INFO"].encode("latin1").decode(errors="replace").lstrip("/")

    @property
    def scheme(self) -> str:
        """http or https."""
        scheme: str = self.environ["wsgi.url_scheme"]
        return scheme

    @property
    def host(self) -> str:
        """The host that the request names, and the port where it is not the usual; "" for what can be none."""
        told = ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT")
        return _host(self.scheme, *(self.environ.get(name) for name in told))

    @cached_property
    def args(self) -> dict[str, str]:
        """The parameters of the address; of one that comes twice, the first."""
        told = self.environ.get("QUERY_STRING", "").encode("latin1").decode(errors="replace")
        return dict(reversed(parse_qsl(told, keep_blank_values=True, errors="werkzeug.url_quote")))

    @property
    def media_type(self) -> str:
        """The media type of the body, in lower case and without its parameters."""
        return _media_type(self.environ.get("CONTENT_TYPE", ""))

    def body(self) -> bytes:
        """The body; a chunked one is cut, and seen to be too large.

        Raises RequestEntityTooLarge, and ClientDisconnected for one shorter than announced.
        """
        length = self.environ.get("CONTENT_LENGTH") or ""
        plain = length.isdecimal() and len(length) <= _DIGITS and "HTTP_TRANSFER_ENCODING" not in self.environ
        if plain and int(length) <= LARGEST_BODY:
            data: bytes = self.environ["wsgi.input"].read(int(length))
            if len(data) < int(length):
                raise ClientDisconnected
            return data
        whole = Request(self.environ)
        whole.max_content_length = LARGEST_BODY + 1
        return whole.get_data(cache=False)


class Application(flask.Flask):
    """Flask, whose contexts, sessions, signals and hooks take as long as reading a user: its views need none.

    Addresses that are added as Flask has them, and those that nobody added, go Flask's own way.
    """

    def __init__(self, name: str, refusal: Callable[[Exception, Asked | Request], Answer]) -> None:
        """`refusal` makes an answer of any failure."""
        super().__init__(name, static_folder=None)
        self.url_map.strict_slashes = False
        self.url_map.merge_slashes = False
        self.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY + 1
        self.register_error_handler(Exception, lambda error: _response(refusal(error, flask.request)))
        self._refusal = refusal
        self._views: dict[str, View] = {}
        self._plain: dict[tuple[str, str], tuple[View, str]] = {}

    def add_view(self, rule: str, view: View, methods: Sequence[str]) -> None:
        """Have a view answer what is asked of an address, whose last part may be variable: `/Users/<resource_id>`."""
        name = f"{rule} {' '.join(methods)}"
        self._views[name] = view
        self.add_url_rule(rule, name, methods=methods)
        beginning, _, variable = rule.removesuffix(">").partition("<")
        for method in (*methods, *(["HEAD"] if "GET" in methods else [])):
            self._plain[beginning, method] = view, variable

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
        return None if request is None else self._adapter(request)

    def _found(self, asked: Asked) -> tuple[View | None, Mapping[str, Any]]:
        """The view that is to answer, None where Flask is, and the variable part of the address.

        Flask's own search, which takes as long as a small read, is left for the addresses written otherwise.
        """
        path, method = asked.path, asked.method
        view, variable = self._plain.get((path, method), (None, ""))
        if view is not None and not variable:
            return view, {}
        beginning, slash, last = path.rpartition("/")
        view, variable = self._plain.get((beginning + slash, method), (None, ""))
        if view is not None and last and variable:
            return view, {variable: last}
        if method == "OPTIONS":
            return None, {}
        try:
            name, parts = self._adapter(asked).match()
        except HTTPException:
            return None, {}
        return self._views.get(name), parts

    def _adapter(self, request: Asked | Request) -> MapAdapter:
        return MapAdapter(self.url_map, "", "", "", request.scheme, request.path, request.method)


@lru_cache(maxsize=256)
def _media_type(header: str) -> str:
    return parse_options_header(header)[0].lower()


@lru_cache(maxsize=256)
def _host(scheme: str, host: str | None, name: str | None, port: str | None) -> str:
    environ = {"wsgi.url_scheme": scheme, "HTTP_HOST": host, "SERVER_NAME": name, "SERVER_PORT": port}
    return get_host(environ)


def _sent(answer: Answer, method: str, start_response: "StartResponse") -> list[bytes]:
    """The answer as a list of one part: a server sends that at once, any other iterable part by part."""
    status = f"{answer.status} {HTTP_STATUS_CODES[answer.status].upper()}"
    if answer.status in _WITHOUT_BODY:
        start_response(status, list(answer.headers.items()))
        return []
    body = answer.text if isinstance(answer.text, bytes) else answer.text.encode()
    told = [("Content-Type", MEDIA_TYPE), ("Content-Length", str(len(body))), *answer.headers.items()]
    start_response(status, told)
    return [] if method == "HEAD" else [body]


def _response(answer: Answer) -> flask.Response:
    """The same for Flask."""
    return flask.Response(answer.text, answer.status, answer.headers, content_type=MEDIA_TYPE)
