"""A small listener for probes beside a long-running command."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6
from threading import Thread

from connector.domain.errors import OperationError
from connector.domain.operation import Health
from connector.domain.ports import Clock
from connector.report.metrics import PATHS, may_see, probe

SECONDS = 10
"""How long a caller may take over its request."""


@contextmanager
def listener(host: str, port: int, look: Callable[[], Health], clock: Clock, token: str) -> Iterator[int]:
    """Answer GET of /healthz, /readyz and /metrics while this lasts; gives the port (a free one for 0).

    Raises OperationError when the address cannot be listened on.
    """

    class Probes(BaseHTTPRequestHandler):
        timeout = SECONDS
        server_version, sys_version = "trackone", ""

        def do_GET(self) -> None:
            """Answer one probe."""
            path = self.path.partition("?")[0]
            if path not in PATHS:
                self.send_error(404)
                return
            trusted = may_see(self.client_address[0], self.headers.get("Authorization", ""), token)
            answer = probe(path, look, clock(), trusted=trusted, accept=self.headers.get("Accept", ""))
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *args: object) -> None:
            """Say nothing of each probe."""

    with _server(host, port, Probes) as server:
        Thread(target=server.serve_forever, name="probes", daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def _server(host: str, port: int, handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    class Server(ThreadingHTTPServer):
        daemon_threads = True
        address_family = AF_INET6 if ":" in host else AF_INET

    try:
        return Server((host, port), handler)
    except OSError as error:
        raise OperationError(
            f"[monitoring] {host}:{port} cannot be listened on: {error.strerror or error}",
            hint="choose another port, or 0 for none",
        ) from error
