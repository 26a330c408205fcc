"""The one place that meets ldap3: opens, secures and signs in on a connection, and encodes searches.

Of ldap3's decoding only that of the answers to StartTLS and bind is used; what a search gives is read by ldap_page.
"""

import math
import ssl
import warnings
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple, Self

from connector.directory.ldap_ber import NotLdapError, element, elements, number
from connector.directory.ldap_channel import Channel, Wire
from connector.directory.ldap_deadline import Deadline, TimeUpError
from connector.directory.ldap_page import Result

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # ldap3 asks pyasn1 for names that have new ones
    import ldap3
    from ldap3.core.exceptions import LDAPException, LDAPInvalidFilterError, LDAPSessionTerminatedByServerError
    from ldap3.operation.search import search_operation
    from ldap3.utils.asn1 import encode

CONNECT_SECONDS = 10
"""How long one address may take to answer, and as long again for its TLS handshake."""

BASE, SUBTREE = "BASE", "SUBTREE"
"""Scopes of a search."""

_CHUNK = 1 << 18
_BIND_POLICY = "1.3.6.1.4.1.42.2.27.8.5.1"  # draft-behera-ldap-password-policy, 6.1


class Endpoint(NamedTuple):
    """One address of a server, and what TLS needs: `host` is the name its certificate must have.

    Without a `context` the connection stays in clear.
    """

    ip: str
    port: int
    host: str
    tls: bool
    context: ssl.SSLContext | None


class LinkError(Exception):
    """The connection failed below LDAP; `cause` is what Python's socket or ssl said, `stage` what was tried."""

    def __init__(self, stage: str, cause: BaseException) -> None:
        super().__init__(stage)
        self.stage = stage
        self.cause = cause


class _VerifiedTls(ldap3.Tls):  # type: ignore[misc]  # ldap3 has no types
    """TLS by a context of ours: ldap3's own accepts any certificate, sends no SNI and knows no IP addresses."""

    def __init__(self, endpoint: Endpoint, deadline: Deadline) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.fault: OSError | None = None
        self._endpoint = endpoint
        self._deadline = deadline

    def wrap_socket(self, connection: Any, **_options: object) -> None:
        """Shake hands on the connection's socket; the certificate must be trusted and name the host."""
        context = self._endpoint.context
        assert context is not None  # noqa: S101 - a clear connection has no Tls
        raw = connection.socket.raw if isinstance(connection.socket, Wire) else connection.socket
        raw.settimeout(min(CONNECT_SECONDS, self._deadline.left()))
        try:
            connection.socket = Channel(raw, context, self._endpoint.host)
        except OSError as error:
            self.fault = error
            raise


class Session:
    """A connection to one address of a server, used by one thread; TimeUpError ends whatever takes too long."""

    def __init__(self, endpoint: Endpoint, name: str, password: str, deadline: Deadline) -> None:
        """Nothing is opened yet. Without a name the sign-in will be anonymous."""
        self._deadline = deadline
        self._tls = _VerifiedTls(endpoint, deadline) if endpoint.context else None
        patience = min(CONNECT_SECONDS, deadline.left())
        server = ldap3.Server(
            endpoint.ip,
            port=endpoint.port,
            use_ssl=endpoint.tls,
            tls=self._tls,
            get_info=ldap3.NONE,
            allowed_referral_hosts=[],
            connect_timeout=patience,
        )
        self._link: Any = ldap3.Connection(
            server,
            user=name or None,
            password=password.encode() or None,  # text would be changed by SASLprep, which Active Directory is not
            client_strategy=ldap3.SYNC,
            auto_bind=ldap3.AUTO_BIND_NONE,
            auto_referrals=False,
            auto_range=False,
            check_names=False,
            read_only=True,
            receive_timeout=math.ceil(patience),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection, politely where the server still listens."""
        socket = self._link.socket
        if socket is not None:
            with suppress(OSError):
                socket.settimeout(1)
        with suppress(LDAPException, OSError):
            self._link.unbind()
        if socket is not None:
            socket.close()

    def open(self) -> None:
        """Connect, and shake hands where TLS begins at once. Raises LinkError."""
        self._do("connect", self._link.open, read_server_info=False)
        if not isinstance(self._link.socket, Wire):
            self._link.socket = Wire(self._link.socket)

    def start_tls(self) -> Result:
        """Turn to TLS (RFC 4511, 4.14); the result's code is 0 when it is on. Raises LinkError."""
        self._do("StartTLS", self._link.start_tls, read_server_info=False)
        return self._last()

    def bind(self) -> Result:
        """Sign in (a simple bind). Raises LinkError."""
        self._do("bind", self._link.bind, read_server_info=False, controls=[(_BIND_POLICY, False, None)])
        return self._last()

    def policy_error(self) -> int | None:
        """What the server's password policy says of the sign-in (draft-behera-ldap-password-policy, 6.2)."""
        control = (self._link.result.get("controls") or {}).get(_BIND_POLICY)
        value = control.get("value") if control else None
        if not isinstance(value, bytes) or not value:
            return None
        with suppress(NotLdapError):
            whole = element(value, 0, len(value))
            parts = {one.tag: one for one in elements(value, whole.start, whole.end)}
            return number(value, parts[0x81]) if 0x81 in parts else None
        return None

    @property
    def protocol(self) -> str:
        """The version of TLS that is spoken; empty in clear."""
        socket = self._link.socket
        return socket.version() if isinstance(socket, Channel) else ""

    def next_id(self) -> int:
        """A message id that is not in use."""
        return int(self._link.server.next_message_id())

    def send(self, message: bytes) -> None:
        """Send a whole message. Raises LinkError."""
        try:
            self._link.socket.settimeout(self._deadline.left())
            self._link.socket.sendall(message)
        except OSError as error:
            raise LinkError("send", error) from error

    def receive(self) -> bytes:
        """The next octets that come, at least one. Raises LinkError."""
        socket = self._link.socket
        try:
            socket.settimeout(self._deadline.left())
            octets: bytes = socket.recv(_CHUNK)
        except OSError as error:
            raise LinkError("read", error) from error
        if not octets:
            raise LinkError("read", ConnectionResetError("the server closed the connection"))
        return octets

    def _do(self, stage: str, action: Any, **options: object) -> None:
        """Let ldap3 act, and translate what it raises: it hides the cause in classes made on the spot."""
        if self._link.socket is not None:
            self._link.socket.settimeout(self._deadline.left())
        self._link.result = None
        try:
            action(**options)
        except LDAPSessionTerminatedByServerError as error:
            raise LinkError(stage, ConnectionResetError("the server closed the connection")) from error
        except Exception as error:
            if isinstance(error, TimeUpError):
                raise TimeUpError from error
            tls, fault = self._tls, None
            if tls is not None:
                fault, tls.fault = tls.fault, None
            if fault is None and isinstance(error, LDAPException) and self._link.result is not None:
                return  # the server said no; its answer says why
            raise LinkError(stage, fault or error) from error

    def _last(self) -> Result:
        """The server's answer to what ldap3 did last."""
        result = self._link.result
        return Result(
            int(result["result"]),
            str(result.get("dn") or ""),
            str(result.get("message") or ""),
            tuple(result.get("referrals") or ()),
        )


def search_request(base: str, scope: str, filter_: str, attributes: Iterable[str]) -> bytes:
    """An encoded SearchRequest (RFC 4511, 4.5.1) that follows no alias. Raises ValueError for a malformed filter."""
    try:
        request = search_operation(
            base,
            filter_,
            scope,
            ldap3.DEREF_NEVER,
            list(attributes),
            size_limit=0,
            time_limit=0,
            types_only=False,
            auto_escape=False,
            auto_encode=False,
            schema=None,
            validator=None,
            check_names=False,
        )
    except LDAPInvalidFilterError as error:
        raise ValueError(str(error)) from error
    except RecursionError:
        raise ValueError("too many filters in one another") from None
    return bytes(encode(request))
