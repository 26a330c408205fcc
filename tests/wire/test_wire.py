"""An answer over HTTP ends in time and within a size, whatever the server does, and leads nowhere else."""

import gzip
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import requests

from connector.wire import PromptWire, TooLargeError
from tests.servers.authority import Authority
from tests.servers.silent import DRIPS, ELSEWHERE, POURS, Listener

MOST = 1 << 20
BODY = b'{"Resources": []}' * 5000


class _Kind(BaseHTTPRequestHandler):
    """A server that behaves: the path says how the body is sent."""

    protocol_version = "HTTP/1.1"
    connections = 0

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def setup(self) -> None:
        """Count connections."""
        type(self).connections += 1
        super().setup()

    def do_GET(self) -> None:
        """The body."""
        self.send_response(200)
        way = self.path.strip("/")
        if way == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for at in range(0, len(BODY), 7001):
                part = BODY[at : at + 7001]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
            self.wfile.write(b"0\r\n\r\n")
            return
        body = gzip.compress(BODY) if way == "gzip" else BODY
        if way == "gzip":
            self.send_header("Content-Encoding", "gzip")
        if way == "close":
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def kind() -> Iterator[tuple[type[_Kind], ThreadingHTTPServer]]:
    """A server of this test's own that behaves."""
    handler = type("Handler", (_Kind,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield handler, server
    server.shutdown()
    server.server_close()


def asked(url: str, seconds: float = 0.5, **more: object) -> Callable[[], bytes]:
    """One request on a session of its own."""

    def ask() -> bytes:
        with PromptWire() as wire:
            wire.trust_env = False
            return wire.ask("GET", url, most=MOST, timeout=(5, seconds), **more).body

    return ask


@pytest.mark.parametrize("way", ["length", "chunked", "gzip", "close"])
def test_an_honest_answer_comes_whole(kind: tuple[type[_Kind], ThreadingHTTPServer], way: str) -> None:
    """However a body is sent it is the same, and a connection that may stay open serves the next request too."""
    handler, server = kind
    with PromptWire() as wire:
        url = f"http://127.0.0.1:{server.server_address[1]}/{way}"
        replies = [wire.ask("GET", url, most=MOST, timeout=(5, 5)) for _ in range(4)]
    assert {(one.status, one.body) for one in replies} == {(200, BODY)}
    assert handler.connections == (4 if way == "close" else 1)


@pytest.mark.parametrize("answer", DRIPS.values(), ids=DRIPS)
def test_an_answer_that_drips_has_an_end(answer: Callable[..., None]) -> None:
    """Half a second is given for the whole of an answer, not for each of its octets."""
    begun = time.monotonic()
    with Listener(answer) as server, pytest.raises(requests.Timeout):
        asked(f"http://127.0.0.1:{server.port}/")()
    assert time.monotonic() - begun < 2


def test_an_answer_that_drips_over_tls_has_an_end(authority: Authority, certificate: tuple[Path, Path]) -> None:
    """The same holds for an encrypted connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def encrypted(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as channel:
            DRIPS["drips a header"](channel)

    begun = time.monotonic()
    with Listener(encrypted) as server, pytest.raises(requests.Timeout):
        asked(f"https://127.0.0.1:{server.port}/", verify=str(authority.file))()
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("answer", POURS.values(), ids=POURS)
def test_an_answer_that_never_stops_is_too_large(answer: Callable[..., None]) -> None:
    """No more of an answer is taken in than its reader could need."""
    with Listener(answer) as server, pytest.raises(TooLargeError, match="more than 1,048,576 octets"):
        asked(f"http://127.0.0.1:{server.port}/", seconds=10)()


def test_of_a_redirect_only_the_headers_are_read() -> None:
    """Nobody is followed elsewhere, and a redirect whose body never stops is answered at once."""
    with Listener(ELSEWHERE) as server, PromptWire() as wire:
        reply = wire.ask("GET", f"http://127.0.0.1:{server.port}/", most=MOST, timeout=(5, 10))
    assert (reply.status, reply.headers["Location"], reply.body) == (302, "http://localhost:9/", b"")
