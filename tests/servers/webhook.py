"""A webhook of the tests' own, which keeps what is posted and answers as it is told."""

import json
import ssl
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

HOST = "127.0.0.1"


class Posted(NamedTuple):
    """One request: its path, headers and body."""

    path: str
    headers: dict[str, str]
    body: Any


class Webhook:
    """Listens on a free port of this machine; answers `status`, after `delay` seconds."""

    def __init__(self, certificate: tuple[Path, Path] | None = None, status: int = 200, delay: float = 0) -> None:
        """Nothing listens until the context begins."""
        self.posted: list[Posted] = []
        self.status, self.delay = status, delay
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """Keep the request, then answer."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.posted.append(Posted(self.path, dict(self.headers), json.loads(body)))
                time.sleep(owner.delay)
                self.send_response(owner.status)
                self.send_header("Location", f"http://{HOST}:9/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self.scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.scheme = "https"

    @property
    def url(self) -> str:
        """Where notices are to be posted."""
        return f"{self.scheme}://{HOST}:{self._server.server_address[1]}/hook"

    def __enter__(self) -> "Webhook":
        """Listen."""
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
