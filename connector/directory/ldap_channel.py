"""A connection to a server, in clear or by TLS; by way of memory: one read of the socket brings many records.

OpenLDAP makes a record of each entry, and ssl.SSLSocket reads each with two calls of the system.
"""

import math
import socket
import ssl
import time
from contextlib import suppress

_CHUNK = 1 << 18
_PLAIN = 1 << 14  # octets of a record's content (RFC 8446, 5.1)


class Wire:
    """What ldap3 and Session need of a socket; used by one thread.

    A time limit holds for all that is read and written until the next one is set: ldap3 reads on for as long as an
    octet comes now and then.
    """

    def __init__(self, raw: socket.socket) -> None:
        self._raw = raw
        self._until = math.inf
        self.settimeout(raw.gettimeout())

    @property
    def raw(self) -> socket.socket:
        """The socket below."""
        return self._raw

    def settimeout(self, seconds: float | None) -> None:
        """How long everything from now on may take; None for as long as it does."""
        self._until = math.inf if seconds is None else time.monotonic() + seconds

    def sendall(self, octets: bytes) -> None:
        """Send all of them. Raises OSError, which TimeoutError is."""
        self._hurry()
        self._raw.sendall(octets)

    def recv(self, most: int) -> bytes:
        """The next octets, at least one; none at the end. Raises OSError, which TimeoutError is."""
        self._hurry()
        return self._raw.recv(most)

    def shutdown(self, how: int) -> None:
        """End the connection in that direction."""
        self._raw.shutdown(how)

    def close(self) -> None:
        """Close the socket."""
        self._raw.close()

    def _hurry(self) -> None:
        """Give the socket the time that is left."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._raw.settimeout(None if left == math.inf else left)


class Channel(Wire):
    """The same over TLS."""

    def __init__(self, raw: socket.socket, context: ssl.SSLContext, host: str) -> None:
        """Shake hands within the socket's time; the certificate must be trusted and name the host.

        Raises OSError, which ssl.SSLError is.
        """
        super().__init__(raw)
        self._ended = False
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        try:
            while not self._shaken():
                self._fill()
        except ssl.SSLError:
            with suppress(OSError):
                self._flush()  # the alert that says why
            raise
        self._flush()

    def version(self) -> str:
        """The version of TLS that is spoken."""
        return self._tls.version() or ""

    def sendall(self, octets: bytes) -> None:
        """Send all of them."""
        while not self._written(octets) and self._fill():
            pass

    def recv(self, most: int) -> bytes:
        """The next octets, at least one, and about as many as came already; none at the end."""
        while not (octets := self._come(most)) and not self._ended and self._fill():
            pass
        return octets

    def _shaken(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        return True

    def _written(self, octets: bytes) -> bool:
        """Whether they could be sent; not while the server shakes hands anew."""
        try:
            self._tls.write(octets)
        except ssl.SSLWantReadError:
            self._flush()
            return False
        self._flush()
        return True

    def _come(self, most: int) -> bytes:
        """What has come already; a fault after it is left to the next read, which meets it again."""
        parts: list[bytes] = []
        size, read = 0, self._tls.read
        try:
            while size < most and (octets := read(_PLAIN)):
                parts.append(octets)
                size += len(octets)
            self._ended = size < most  # the server said that nothing more comes
        except ssl.SSLWantReadError:
            self._flush()  # the answer to a request for new keys
        except ssl.SSLError:
            if not parts:
                raise
        return b"".join(parts)

    def _fill(self) -> bool:
        """Read the socket; whether it was not at its end."""
        self._hurry()
        octets = self._raw.recv(_CHUNK)
        if octets:
            self._incoming.write(octets)
        else:
            self._incoming.write_eof()
        return bool(octets)

    def _flush(self) -> None:
        if octets := self._outgoing.read():
            super().sendall(octets)
