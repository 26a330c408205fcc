"""TLS over a socket, by way of memory: one read of the socket brings many records.

OpenLDAP makes a record of each entry, and ssl.SSLSocket reads each with two calls of the system.
"""

import math
import socket
import ssl
import time
from contextlib import suppress

_CHUNK = 1 << 18
_PLAIN = 1 << 14  # octets of a record's content (RFC 8446, 5.1)


class Channel:
    """What ldap3 and Session need of an ssl.SSLSocket; used by one thread."""

    def __init__(self, raw: socket.socket, context: ssl.SSLContext, host: str) -> None:
        """Shake hands within the socket's time; the certificate must be trusted and name the host.

        Raises OSError, which ssl.SSLError is.
        """
        self._raw = raw
        self._seconds = raw.gettimeout()
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        try:
            until = self._until()
            while not self._shaken():
                self._fill(until)
        except ssl.SSLError:
            with suppress(OSError):
                self._flush()  # the alert that says why
            raise
        self._flush()

    def version(self) -> str:
        """The version of TLS that is spoken."""
        return self._tls.version() or ""

    def settimeout(self, seconds: float | None) -> None:
        """How long each `recv` or `sendall` may take."""
        self._seconds = seconds

    def sendall(self, octets: bytes) -> None:
        """Send all of them."""
        self._raw.settimeout(self._seconds)
        self._tls.write(octets)
        self._flush()

    def recv(self, most: int) -> bytes:
        """The next octets, at least one, and about as many as came already; none at the end."""
        until = self._until()
        while not (octets := self._come(most)) and self._fill(until):
            pass
        return octets

    def shutdown(self, how: int) -> None:
        """End the connection in that direction."""
        self._raw.shutdown(how)

    def close(self) -> None:
        """Close the socket."""
        self._raw.close()

    def _shaken(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        return True

    def _come(self, most: int) -> bytes:
        """What has come already; a fault after it is left to the next read, which meets it again."""
        parts: list[bytes] = []
        size, read = 0, self._tls.read
        try:
            while size < most and (octets := read(_PLAIN)):
                parts.append(octets)
                size += len(octets)
        except ssl.SSLWantReadError:
            self._flush()  # the answer to a request for new keys
        except ssl.SSLError:
            if not parts:
                raise
        return b"".join(parts)

    def _until(self) -> float:
        return math.inf if self._seconds is None else time.monotonic() + self._seconds

    def _fill(self, until: float) -> bool:
        """Read the socket; whether it was not at its end. Raises TimeoutError, however little comes at a time."""
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._raw.settimeout(None if left == math.inf else left)
        octets = self._raw.recv(_CHUNK)
        if octets:
            self._incoming.write(octets)
        else:
            self._incoming.write_eof()
        return bool(octets)

    def _flush(self) -> None:
        if octets := self._outgoing.read():
            self._raw.sendall(octets)
