"""From a configuration to a connection that is verified and signed in."""

import queue
import socket
import ssl
import threading
from typing import NamedTuple

from connector.directory.ldap_deadline import Deadline
from connector.directory.ldap_faults import (
    SUCCESS,
    bind_fault,
    link_fault,
    start_tls_fault,
    unknown_host,
)
from connector.directory.ldap_session import CONNECT_SECONDS, Endpoint, LinkError, Session
from connector.directory.ldap_tls import distrust, shown_certificate
from connector.directory.ldap_url import Address
from connector.domain.errors import DirectoryError

_PEEK_SECONDS = 3
"""How long a second look at a certificate that was refused may take, for the message."""


class Target(NamedTuple):
    """A server and who signs in there; without `context` in clear, with `start_tls` by way of StartTLS."""

    address: Address
    context: ssl.SSLContext | None
    start_tls: bool
    name: str
    password: str

    def __repr__(self) -> str:
        """The address; never the password."""
        return f"Target({self.address})"


def connect(target: Target, deadline: Deadline) -> Session:
    """A session that is signed in, with the first of the host's addresses that takes the connection.

    Raises DirectoryError, LostError where another attempt may go through, and TimeUpError.
    """
    fault: DirectoryError | None = None
    for ip in _addresses(target.address, deadline):
        endpoint = Endpoint(ip, target.address.port, target.address.host, target.address.tls, target.context)
        session = Session(endpoint, target.name, target.password, deadline)
        try:
            session.open()
        except LinkError as error:
            session.close()
            fault = _fault(target, ip, error, deadline)
            if not isinstance(error.cause, ssl.SSLCertVerificationError):
                continue
            raise fault from error
        try:
            _sign_in(target, ip, session, deadline)
        except BaseException:
            session.close()
            raise
        return session
    raise fault or unknown_host(str(target.address), target.address.host, "none was given")


def _sign_in(target: Target, ip: str, session: Session, deadline: Deadline) -> None:
    where = str(target.address)
    try:
        if target.start_tls:
            answer = session.start_tls()
            if answer.code != SUCCESS:
                raise start_tls_fault(where, answer)
        answer = session.bind()
    except LinkError as error:
        raise _fault(target, ip, error, deadline) from error
    if answer.code != SUCCESS:
        raise bind_fault(where, target.name, answer, session.policy_error())


def _fault(target: Target, ip: str, error: LinkError, deadline: Deadline) -> DirectoryError:
    where, cause = str(target.address), error.cause
    if not isinstance(cause, ssl.SSLCertVerificationError):
        return link_fault(where, ip, error)
    seconds = min(_PEEK_SECONDS, deadline.left())
    shown = shown_certificate(ip, target.address.port, start_tls=target.start_tls, seconds=seconds)
    return DirectoryError(
        f"{where}: {distrust(cause, target.address.host, shown)}",
        hint="Name the school's authority in [directory] ca_file, use the host name that the certificate is for, or "
        "renew the certificate; see docs/directory.md.",
    )


def _addresses(address: Address, deadline: Deadline) -> list[str]:
    """The host's IP addresses in the order of the system; the resolver has no time limit of its own."""
    found: queue.Queue[list[str] | OSError] = queue.Queue()

    def resolve() -> None:
        try:
            known = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
            found.put(list(dict.fromkeys(str(one[4][0]) for one in known)))
        except OSError as error:
            found.put(error)
        except UnicodeError as error:
            found.put(OSError(str(error)))

    threading.Thread(target=resolve, daemon=True).start()
    try:
        answer = found.get(timeout=min(CONNECT_SECONDS, deadline.left()))
    except queue.Empty:
        raise unknown_host(str(address), address.host, "the DNS server does not answer") from None
    if isinstance(answer, OSError):
        raise unknown_host(str(address), address.host, answer.strerror or str(answer)) from answer
    return answer
