"""A relay in front of an HTTP service that misbehaves on demand: it answers itself, or loses the answer."""

import threading
from collections.abc import Callable
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Self
from urllib.parse import urlsplit

Mood = Callable[[int, str], str]
"""Given the number of a request and its method: "" passes it on, a status answers it, "lose" passes it on and drops
the answer, "drop" drops the request itself.
"""


class Unruly:
    """The relay to the service at `url`; `asked` are the methods and paths it saw."""

    def __init__(self, url: str, mood: Mood) -> None:
        self.target = urlsplit(url)
        self.mood = mood
        self.asked: list[tuple[str, str]] = []
        handler = type("Handler", (_Handler,), {"relay": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{self.target.path}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    relay: ClassVar[Unruly]

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _pass(self) -> None:
        relay = self.relay
        relay.asked.append((self.command, self.path))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        mood = relay.mood(len(relay.asked), self.command)
        if mood.isdecimal():
            self._answer(int(mood), b"", {})
            return
        if mood != "drop":
            connection = HTTPConnection(str(relay.target.hostname), relay.target.port, timeout=30)
            sent = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
            connection.request(self.command, self.path, body or None, sent)
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            if mood != "lose":
                self._answer(answer.status, content, dict(answer.getheaders()))
                return
        self.close_connection = True

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass  # noqa: N815 - the names the library calls

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
