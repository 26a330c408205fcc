"""A relay in front of an HTTP service that misbehaves on demand: it answers itself, or spoils the answer."""

import json
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

Change = Callable[[Any], Any]
"""Given the JSON of an answer (None for none), the JSON to send in its place."""

Mood = Callable[[int, str], str | Change]
"""Given the number of a request and its method: "" passes it on, a status answers it ("429 1": with Retry-After),
"lose" passes it on and drops the answer, "drop" drops the request itself, "late" passes it on and answers when
nobody waits any more, "half" sends half an answer; a function passes it on and changes what is answered.
"""


class Unruly:
    """The relay to the service at `url`; `asked` are the methods and paths it saw, `heard` is told each body.

    `late` is how many seconds an answer that comes late is held back. Without `bulk` the service says of itself
    that it has none.
    """

    def __init__(self, url: str, mood: Mood, *, late: float = 3, bulk: bool = True) -> None:
        self.mood = mood
        self.late = late
        self.bulk = bulk
        self.asked: list[tuple[str, str]] = []
        self.heard: Callable[[bytes], object] = len
        self.going = 0
        self.most_going = 0
        handler = type("Handler", (_Handler,), {"relay": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.aim(url)

    def aim(self, url: str) -> None:
        """Be in front of the service at `url` from now on; our own `url` has the same path."""
        self.target = urlsplit(url)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{self.target.path}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed, or a service that ended, is nothing to tell of."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    relay: ClassVar[Unruly]

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _pass(self) -> None:
        relay = self.relay
        relay.asked.append((self.command, self.path))
        relay.going += 1
        relay.most_going = max(relay.most_going, relay.going)
        try:
            self._handle(relay.mood(len(relay.asked), self.command))
        finally:
            relay.going -= 1

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass  # noqa: N815 - the names the library calls

    def _handle(self, mood: str | Change) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.relay.heard(body)
        if isinstance(mood, str) and mood[:3].isdecimal():
            status, _, after = mood.partition(" ")
            self._answer(int(status), b"", {"Retry-After": after} if after else {})
            return
        if mood in ("drop", "lose", "late", "half"):
            self.close_connection = True
        if mood == "drop":
            return
        status, headers, content = self._asked(body)
        if mood == "late":
            time.sleep(self.relay.late)
        elif mood == "half":
            self._answer(status, content, headers, sent=len(content) // 2)
        elif callable(mood):
            told = mood(json.loads(content) if content else None)
            spoilt = b"" if told is None else json.dumps(told).encode()
            self._answer(200 if spoilt and not content else status, spoilt, headers)
        elif mood != "lose":
            self._answer(status, content, headers)

    def _asked(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        target = self.relay.target
        sent = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        with closing(HTTPConnection(str(target.hostname), target.port, timeout=30)) as connection:
            connection.request(self.command, self.path, body or None, sent)
            answer = connection.getresponse()
            content = answer.read()
        if self.path.endswith("/ServiceProviderConfig") and not self.relay.bulk:
            content = json.dumps(json.loads(content) | {"bulk": {"supported": False}}).encode()
        return answer.status, dict(answer.getheaders()), content

    def _answer(self, status: int, body: bytes, headers: dict[str, str], sent: int | None = None) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:sent])
