"""The school directory over LDAP: Active Directory, OpenLDAP and their kin, read only."""

from collections.abc import Collection
from dataclasses import replace

from connector.directory.ldap_url import Address, read_address
from connector.directory.scope import scope_of
from connector.domain.entry import DirectoryRead
from connector.domain.errors import ConfigError
from connector.domain.ports import Clock, Directory
from connector.mapping.dn import parse_dn
from connector.settings.values import DirectorySettings


def ldap_directory(
    settings: DirectorySettings, password: str, clock: Clock, groups: Collection[str] = ()
) -> Directory:
    """The directory that `url` names; `groups` are the DNs of the groups that role rules ask for.

    Nothing is reached before `read`. Raises ConfigError for what must not be tried: a password in clear, an empty
    one, a DN or an exclusion that is none.
    """
    address = read_address(settings.url)
    _check_transport(settings, address)
    _check_name(settings, password)
    for base in settings.bases:
        _check_dn("base", base)
    if not settings.bases:
        raise ConfigError("[directory] base is missing", hint='e.g. base = "OU=Students,DC=school,DC=example"')
    scope_of(replace(settings, filter=""))  # the server judges the filter
    return LdapDirectory(settings, address, password, clock, frozenset(groups))


class LdapDirectory:
    """Reads the whole directory each time it is asked, over a connection of its own."""

    def __init__(
        self, settings: DirectorySettings, address: Address, password: str, clock: Clock, groups: frozenset[str]
    ) -> None:
        self._settings = settings
        self._address = address
        self._password = password
        self._clock = clock
        self._groups = groups

    def read(self) -> DirectoryRead:
        """Every person under the bases; never a part of them.

        Raises DirectoryError, in one to three lines that name the cause and the next step, and ConfigError for a
        filter or a ca_file that cannot be used.
        """
        # Only who reads pays for ldap3 and ssl.
        from connector.directory.ldap_connect import Target  # noqa: PLC0415
        from connector.directory.ldap_reading import Order, read_directory  # noqa: PLC0415
        from connector.directory.ldap_tls import verified_context  # noqa: PLC0415

        settings = self._settings
        secure = self._address.tls or settings.start_tls
        context = verified_context(settings.ca_file) if secure else None
        target = Target(self._address, context, settings.start_tls, settings.bind_dn, self._password)
        return read_directory(Order(target, settings, self._groups), self._clock())


def _check_transport(settings: DirectorySettings, address: Address) -> None:
    if address.tls and settings.start_tls:
        raise ConfigError(
            "[directory] start_tls: ldaps:// is TLS from the start", hint="Leave start_tls out, or use ldap://."
        )
    if address.tls or settings.start_tls or (settings.allow_plaintext and address.loopback):
        return
    raise ConfigError(
        f"[directory] url: {address} would send the password in clear",
        hint="Use ldaps://, or add start_tls = true; allow_plaintext is for tests on this machine only.",
    )


def _check_name(settings: DirectorySettings, password: str) -> None:
    """A sign-in with a name and no password counts as anonymous on many servers (RFC 4513, 5.1.2)."""
    if settings.bind_dn and not password:
        raise ConfigError("[directory] bind_password: an empty password is none", hint="Set the service's password.")
    if not settings.bind_dn.isprintable():
        raise ConfigError(f"[directory] bind_dn {settings.bind_dn!r} holds signs that no name has")
    if "=" in settings.bind_dn:
        _check_dn("bind_dn", settings.bind_dn)


def _check_dn(key: str, dn: str) -> None:
    try:
        if not dn.isprintable():
            raise ValueError("it holds control characters")
        if not all(parse_dn(dn)):
            raise ValueError("a part of it is empty")
    except ValueError as error:
        hint = 'Write it as in "OU=Students,DC=school,DC=example".'
        raise ConfigError(f"[directory] {key} {dn!r} is not a DN: {error}", hint=hint) from error
