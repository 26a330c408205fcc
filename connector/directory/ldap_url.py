"""Where an LDAP server listens, from the address in the configuration."""

import re
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from connector.domain.errors import ConfigError

PORTS = {"ldap": 389, "ldaps": 636}
_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_HINT = 'Write it as in "ldaps://dc1.school.example", with :PORT where it is not the usual one.'


class Address(NamedTuple):
    """A server's address; `tls` is TLS from the first byte on (ldaps)."""

    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        """The address as a URL, without the port where it is the usual one."""
        scheme = "ldaps" if self.tls else "ldap"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}" + (f":{self.port}" if self.port != PORTS[scheme] else "")

    @property
    def loopback(self) -> bool:
        """Whether it is this machine, by its own name for itself."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def read_address(url: str) -> Address:
    """The address a URL names (RFC 4516, scheme, host and port only). Raises ConfigError."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError as error:
        raise _fault(url, str(error)) from error
    if parts.scheme not in PORTS:
        raise _fault(url, "it begins neither with ldaps:// nor with ldap:// nor with ldif:")
    host = parts.hostname or ""
    if parts.username is not None or "@" in parts.netloc:
        raise _fault(url.rpartition("@")[2], "a name or password does not belong into it; see bind_dn")
    if not _HOST.fullmatch(host):
        raise _fault(url, "there is no usable host name in it")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _fault(url, "nothing may follow the host and port; see base, filter and attributes")
    return Address(host, PORTS[parts.scheme] if port is None else _port(url, port), parts.scheme == "ldaps")


def _port(url: str, port: int) -> int:
    if port == 0:
        raise _fault(url, "port 0 is none")
    return port


def _fault(url: str, why: str) -> ConfigError:
    return ConfigError(f"[directory] url {url!r} cannot be used: {why}", hint=_HINT)
