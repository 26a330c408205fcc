"""Sends requests as fast as they are answered, over a few connections: `python -m bench.scim_driver PORT FILE 4`.

FILE holds the requests, a JSON list [method, path, body or null] a line; TOKEN comes from the environment. Prints
as JSON the seconds from the first request to the last answer, and how many answers had which status.
"""

import json
import os
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

_CHUNK = 1 << 18


class Connection:
    """One kept connection with at most one request on its way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._got = bytearray()
        self._wanted = -1

    def send(self, request: bytes) -> None:
        """Send a request."""
        self._got.clear()
        self._wanted = -1
        self.socket.sendall(request)

    def receive(self) -> int:
        """Take in what there is; the status once the answer is whole, 0 before."""
        part = self.socket.recv(_CHUNK)
        if not part:
            raise ConnectionError("the server closed a connection")
        self._got += part
        if self._wanted < 0:
            end = self._got.find(b"\r\n\r\n")
            if end < 0:
                return 0
            self._wanted = end + 4 + _length(bytes(self._got[:end]).lower())
        return int(self._got[9:12]) if len(self._got) >= self._wanted else 0


def _length(head: bytes) -> int:
    at = head.find(b"content-length:")
    if at < 0:
        return 0
    return int(head[at + 15 : head.find(b"\r", at) if head.find(b"\r", at) > 0 else len(head)])


def request_of(token: str, method: str, path: str, body: str | None) -> bytes:
    """A request as it goes over the wire."""
    data = (body or "").encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}"]
    if body is not None:
        lines += ["Content-Type: application/scim+json", f"Content-Length: {len(data)}"]
    return "\r\n".join([*lines, "", ""]).encode() + data


def drive(port: int, requests: Iterator[bytes], connections: int) -> tuple[float, Counter[int]]:
    """Send them all; the seconds it took and the statuses."""
    statuses: Counter[int] = Counter()
    chooser = selectors.DefaultSelector()
    begun = time.perf_counter()
    for request in islice(requests, connections):
        connection = Connection(port)
        chooser.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(request)
    while chooser.get_map():
        for key, _ in chooser.select():
            status = key.data.receive()
            if not status:
                continue
            statuses[status] += 1
            following = next(requests, None)
            if following is None:
                chooser.unregister(key.fileobj)
                key.data.socket.close()
            else:
                key.data.send(following)
    return time.perf_counter() - begun, statuses


def main() -> None:
    """Drive what the file asks for."""
    port, file, connections = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    token = os.environ.get("TOKEN", "")
    ready = [request_of(token, *json.loads(line)) for line in file.read_text("utf-8").splitlines()]
    seconds, statuses = drive(port, iter(ready), connections)
    print(json.dumps({"seconds": seconds, "statuses": statuses}))


if __name__ == "__main__":
    main()
