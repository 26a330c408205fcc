"""Servers that do not behave: they take connections and say nothing, nonsense, or what they are told."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self


class Listener:
    """A TCP server whose every connection is handed to `answer` in a thread; ends with the `with` block."""

    def __init__(self, answer: Callable[[socket.socket], None], host: str = "127.0.0.1") -> None:
        self._answer = answer
        self._socket = socket.create_server((host, 0))
        self.port: int = self._socket.getsockname()[1]
        self.connections = 0
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with suppress(OSError):
            self._answer(connection)


def says_nothing(connection: socket.socket) -> None:
    """Read on, never answer."""
    while connection.recv(4096):
        pass


def says(octets: bytes) -> Callable[[socket.socket], None]:
    """Wait for the first request, answer it with these octets, then say nothing."""

    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(octets)
        says_nothing(connection)

    return answer


def drips(octets: bytes, pause: float = 0.05) -> Callable[[socket.socket], None]:
    """Wait for the first request, answer it with these octets, then with one more at a time, without end."""

    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(octets)
        while True:
            time.sleep(pause)
            connection.sendall(b"0")

    return answer


def pours(octets: bytes) -> Callable[[socket.socket], None]:
    """Wait for the first request, answer it with these octets, then with blanks as fast as it can, without end."""

    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(octets)
        while True:
            connection.sendall(b" " * (1 << 20))

    return answer


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\n"
DRIPS = {
    "drips its first line": drips(b"HTTP/1.1 200 "),
    "drips a header": drips(HEAD + b"X-Slow: "),
    "drips its body": drips(HEAD + b"Content-Length: 100000\r\n\r\n{"),
    "drips a body without end": drips(HEAD + b"\r\n{"),
    "drips the size of a chunk": drips(HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
}
"""What a server that holds its clients for ever does."""

ELSEWHERE = pours(b"HTTP/1.1 302 Found\r\nLocation: http://localhost:9/\r\n\r\n")
POURS = {
    "pours a body without end": pours(HEAD + b"\r\n"),
    "pours what its length announces": pours(HEAD + b"Content-Length: 100000000000\r\n\r\n"),
}
"""What a server that fills the memory of its clients does."""


def relays(port: int, after: int, then: Callable[[], None]) -> Callable[[socket.socket], None]:
    """Pass everything to and from a server on that port; do `then` once `after` octets have come from it.

    That is how a server is killed in the middle of a read: by what it has sent, not by the clock.
    """
    left = [after]

    def answer(connection: socket.socket) -> None:
        try:
            upstream = socket.create_connection(("127.0.0.1", port), 5)
        except OSError:
            _end(connection)
            return
        threading.Thread(target=_pump, args=(connection, upstream), daemon=True).start()
        with suppress(OSError):
            while octets := upstream.recv(4096):
                before, left[0] = left[0], left[0] - len(octets)
                if left[0] <= 0 < before:
                    then()
                connection.sendall(octets)
        _end(connection)
        _end(upstream)

    return answer


def _end(connection: socket.socket) -> None:
    """Close a connection although another thread may be reading from it."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while octets := source.recv(4096):
            target.sendall(octets)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
