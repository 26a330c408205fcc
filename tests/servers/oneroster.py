"""A OneRoster service of the tests' own: REST 1.1 and 1.2 over real HTTP, well behaved until told otherwise."""

import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

Record = dict[str, Any]
School = Mapping[str, Sequence[Record]]
"""The records of each collection (students, orgs, enrollments, classes), as the version's JSON has them."""

Mishap = Callable[[int, str], str]
"""Given the number of a request (from 1) and its collection, what is to go wrong with it; nothing is "" ."""

CLIENT, SECRET, TOKEN = "trackone", "a secret/with=signs", "token-of-the-tests"
PATHS = {"1.1": "/ims/oneroster/v1p1", "1.2": "/ims/oneroster/rostering/v1p2"}
_MODIFIED = "dateLastModified>"


def fine(_number: int, _collection: str) -> str:
    """Nothing goes wrong."""
    return ""


def once(number: int, mishap: str) -> Mishap:
    """One request goes wrong, the next one not."""
    return lambda count, _: mishap if count == number else ""


def always(collection: str, mishap: str) -> Mishap:
    """Every request for a collection goes wrong."""
    return lambda _, asked: mishap if asked == collection else ""


@dataclass
class OneRoster:
    """The service; `asked` are the requests it got: method, path, query, Authorization header.

    `most` is the largest page it gives; `total` and `links` whether pages have X-Total-Count and Link.
    """

    school: School
    version: str = "1.2"
    auth: str = "bearer"
    mishap: Mishap = fine
    most: int = 1000
    total: bool = True
    links: bool = True
    certificate: tuple[Path, Path] | None = None
    elsewhere: str = "http://localhost:9/elsewhere"
    asked: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)
    tokens: int = 0
    server: ThreadingHTTPServer = field(init=False)

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"service": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http{'s' if self.certificate else ''}://127.0.0.1:{self.server.server_address[1]}"

    @property
    def url(self) -> str:
        """What [sis] url says."""
        return self.origin + PATHS[self.version]

    @property
    def token_url(self) -> str:
        """Where OAuth 2 tokens are given out."""
        return f"{self.origin}/token"

    def collections(self) -> list[str]:
        """The collections asked for, in order."""
        return [path.rpartition("/")[2] for _, path, _, _ in self.asked]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    service: ClassVar[OneRoster]

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Give out a token for the client's name and secret (RFC 6749, section 4.4)."""
        service, body = self.service, self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = dict(parse_qsl(body))
        service.asked.append(("POST", "/token", form, self.headers.get("Authorization", "")))
        wrong = service.mishap(len(service.asked), "token")
        known = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if wrong and self._misbehave(wrong, {}):
            return
        if self.headers.get("Authorization") != f"Basic {known}" or form.get("grant_type") != "client_credentials":
            self._answer(401, {"error": "invalid_client", "error_description": "Unknown client"})
            return
        service.tokens += 1
        self._answer(200, {"access_token": f"{TOKEN}-{service.tokens}", "token_type": "bearer", "expires_in": 3600})

    def do_GET(self) -> None:
        """A page of a collection."""
        service, parts = self.service, urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        service.asked.append(("GET", parts.path, query, self.headers.get("Authorization", "")))
        number, collection = len(service.asked), parts.path.rpartition("/")[2]
        wrong = service.mishap(number, collection)
        if wrong and self._misbehave(wrong, query):
            return
        if not self._is_signed():
            self._refuse(401, "unauthorisedrequest", "The request is not authorised")
        elif parts.path != f"{PATHS[service.version]}/{collection}" or collection not in service.school:
            self._refuse(404, "unknownobject", f"No collection {collection}")
        else:
            self._page(collection, query, wrong)

    def _page(self, collection: str, query: dict[str, str], wrong: str) -> None:
        service = self.service
        records = list(service.school[collection])
        if _MODIFIED in query.get("filter", ""):
            since = query["filter"].partition(_MODIFIED)[2].strip("'")
            records = [one for one in records if one["dateLastModified"] > since]
        records.sort(key=lambda one: one["sourcedId"])
        offset, limit = int(query.get("offset", 0)), min(int(query.get("limit", 100)), service.most)
        begin = max(0, offset - limit) if wrong == "repeat" else offset
        page = records[begin : begin + limit]
        headers = {"X-Total-Count": str(len(records) + (wrong == "total"))} if service.total else {}
        if service.links and (offset + limit < len(records) or wrong == "on"):
            following = offset if wrong == "circle" else offset + limit
            after = urlencode({**query, "limit": limit, "offset": following})
            base = (
                service.elsewhere
                if wrong in ("next away", "next astray")
                else f"{service.origin}{urlsplit(self.path).path}"
            )
            headers["Link"] = f'<{base}?{after}>; rel="next"'
        if wrong == "short":
            page = page[: len(page) // 2]
        if wrong == "no object":
            page[-1:] = ["u1"]  # type: ignore[list-item] # a service's mistake
        name = "users" if collection == "students" else collection
        self._answer(200, {name: page}, headers)

    def _misbehave(self, wrong: str, query: dict[str, str]) -> bool:
        """Do what goes wrong instead of an answer; False where the page itself is to be wrong."""
        status, _, seconds = wrong.partition(" ")
        if status == "expired":
            self._refuse(401, "unauthorisedrequest", "The access token has expired")
        elif status.isdecimal():
            self._refuse(int(status), "server_busy", "Come back later", {"Retry-After": seconds} if seconds else {})
        elif wrong == "away":
            self._answer(302, {}, {"Location": f"{self.service.elsewhere}?{urlencode(query)}"})
        elif wrong == "astray":
            self._answer(302, {}, {"Location": "http://[of-no-kind/"})
        elif wrong == "home" and "again" not in query:
            self._answer(307, {}, {"Location": f"{self.path}&again=1"})
        elif wrong == "page for people":
            self._send(200, b"<html>Sign in</html>", {"Content-Type": "text/html"})
        elif wrong == "broken":
            self._send(200, b'{"users": [{"sourcedId": "u1"', {"Content-Type": "application/json"})
        elif wrong == "no page":
            self._answer(200, {"hello": "world"})
        elif wrong in _WIRES:
            _WIRES[wrong](self)
            self.close_connection = True
        else:
            return False
        return True

    def _refuse(self, status: int, minor: str, words: str, headers: Mapping[str, str] | None = None) -> None:
        field = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor}
        document = {
            "imsx_codeMajor": "failure",
            "imsx_severity": "error",
            "imsx_description": words,
            "imsx_CodeMinor": {"imsx_codeMinorField": [field]},
        }
        self._answer(status, document, headers)

    def _answer(self, status: int, document: object, headers: Mapping[str, str] | None = None) -> None:
        self._send(status, json.dumps(document).encode(), {"Content-Type": "application/json", **(headers or {})})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _is_signed(self) -> bool:
        service, given = self.service, self.headers.get("Authorization", "")
        if service.auth == "bearer":
            return given == f"Bearer {TOKEN}"
        if service.auth == "oauth2":
            return service.tokens > 0 and given == f"Bearer {TOKEN}-{service.tokens}"
        return signature_holds(service.auth, f"{service.origin}{self.path}", given)


def _drop(handler: _Handler) -> None:
    """Close without a word."""


def _cut(handler: _Handler) -> None:
    handler.wfile.write(
        b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"users": ['
    )


def _silence(handler: _Handler) -> None:
    with suppress(OSError):
        handler.connection.settimeout(20)
        handler.rfile.read(1)


def _drip(handler: _Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50000\r\n\r\n")
    with suppress(OSError):
        for _ in range(200):
            handler.wfile.write(b" ")
            time.sleep(0.05)


def _drip_head(handler: _Handler) -> None:
    _octet_by_octet(handler, b"HTTP/1.1 200 OK\r\nX-Slow: ")


def _drip_chunk(handler: _Handler) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    _octet_by_octet(handler, head)


def _long_redirect(handler: _Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: http://localhost:9/\r\nConnection: close\r\n\r\n")
    with suppress(OSError):
        for _ in range(200):
            handler.wfile.write(b" " * (1 << 20))


def _octet_by_octet(handler: _Handler, head: bytes) -> None:
    with suppress(OSError):
        handler.wfile.write(head)
        for _ in range(200):
            handler.wfile.write(b"0")
            time.sleep(0.05)


def _huge(handler: _Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    with suppress(OSError):
        for _ in range(200):
            handler.wfile.write(b" " * (1 << 20))


_WIRES = {
    "drop": _drop,
    "cut": _cut,
    "silence": _silence,
    "drip": _drip,
    "drip head": _drip_head,
    "drip chunk": _drip_chunk,
    "huge": _huge,
    "long redirect": _long_redirect,
}


def signature_holds(auth: str, url: str, header: str) -> bool:
    """Whether a header signs this GET as RFC 5849, section 3.4, says; written apart from any library."""
    scheme, _, rest = header.partition(" ")
    given = {
        name: unquote(value.strip('"'))
        for name, _, value in (part.strip().partition("=") for part in rest.split(","))
    }
    signature = given.pop("oauth_signature", "")
    method = {"oauth1-sha1": "HMAC-SHA1", "oauth1-sha256": "HMAC-SHA256"}[auth]
    if (
        scheme != "OAuth"
        or given.get("oauth_signature_method") != method
        or given.get("oauth_consumer_key") != CLIENT
    ):
        return False
    parts = urlsplit(url)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *given.items()]
    encoded = sorted((_encoded(name), _encoded(value)) for name, value in pairs)
    normal = "&".join(f"{name}={value}" for name, value in encoded)
    base = "&".join(map(_encoded, ("GET", f"{parts.scheme}://{parts.netloc}{parts.path}", normal)))
    digest = hashlib.sha1 if method == "HMAC-SHA1" else hashlib.sha256
    made = hmac.new(f"{_encoded(SECRET)}&".encode(), base.encode(), digest).digest()
    return hmac.compare_digest(base64.b64encode(made).decode(), signature)


def _encoded(text: str) -> str:
    return quote(text, safe="-._~")
