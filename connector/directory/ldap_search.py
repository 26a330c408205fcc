"""Searches that are whole or an error: pages of 1000, and every result code but success is one."""

from collections.abc import Collection, Iterator

from connector.directory.ldap_ber import BOOLEAN, OCTETS, SEQUENCE, NotLdapError, integer, tlv
from connector.directory.ldap_faults import (
    HIDDEN,
    NO_SUCH_OBJECT,
    SUCCESS,
    LostError,
    link_fault,
    not_ldap,
    one_line,
    page_fault,
    search_fault,
)
from connector.directory.ldap_page import PAGED, Inbox, NoticeError, Page, Raw, Targets, decoded
from connector.directory.ldap_session import BASE, SUBTREE, LinkError, Session, search_request
from connector.domain.errors import ConfigError

PAGE = 1000
"""Entries a page; Active Directory gives no more."""

SHOW_DELETED = "1.2.840.113556.1.4.417"
"""The control that shows deleted objects ([MS-ADTS] 3.1.1.3.4.1.14)."""

_TRUE = tlv(BOOLEAN, b"\xff")


class Searcher:
    """Searches over one session; `where` names the server in messages. Counts what came over all searches."""

    def __init__(self, session: Session, where: str) -> None:
        self.entries = 0
        self.pages = 0
        self.referrals = 0
        self._session = session
        self._where = where
        self._inbox = Inbox(session.receive)

    def everything(
        self,
        base: str,
        filter_: str,
        attributes: Collection[str],
        *,
        deleted: bool = False,
        may_be_hidden: bool = False,
    ) -> Iterator[tuple[str, Raw]]:
        """Every entry at and under a base, page by page, with the attributes by name in lower case.

        The next page is asked for before one is decoded, so that server and reader work at the same time.
        `deleted` asks for deleted objects too; a base that `may_be_hidden` from the account has no entries then.
        Raises DirectoryError, LostError among them, ConfigError for a malformed filter and TimeUpError.
        """
        request = _request(base, SUBTREE, filter_, attributes)
        controls = (tlv(SEQUENCE, tlv(OCTETS, SHOW_DELETED.encode()), _TRUE),) if deleted else ()
        targets = Targets(frozenset(name.lower() for name in attributes))
        given, more = 0, True
        number = self._send(request, (*controls, _paged(b"")))
        while more:
            page = self._page(number)
            self.pages += 1
            self.entries += len(page.entries)
            given += len(page.entries)
            if may_be_hidden and not given and page.result.code in HIDDEN:
                return
            if page.result.code != SUCCESS:
                raise search_fault(self._where, base, page.result, given)
            cookie = page.result.cookie or b""
            if page.result.cookie is None and len(page.entries) == PAGE:
                raise page_fault(self._where, PAGE)
            more = cookie != b""
            if more:
                number = self._send(request, (*controls, _paged(cookie)))
            yield from self._decoded(page, targets)

    def one(self, dn: str, attributes: Collection[str], filter_: str = "(objectClass=*)") -> Raw | None:
        """The entry with that DN, or None where the account sees none. Raises as `everything` does."""
        page = self._page(self._send(_request(dn, BASE, filter_, attributes), ()))
        if page.result.code == NO_SUCH_OBJECT:
            return None
        if page.result.code != SUCCESS:
            raise search_fault(self._where, dn, page.result, 0)
        found = next(self._decoded(page, Targets(frozenset(name.lower() for name in attributes))), None)
        return found[1] if found else None

    def _send(self, request: bytes, controls: tuple[bytes, ...]) -> int:
        number = self._session.next_id()
        wrapped = (tlv(0xA0, *controls),) if controls else ()
        try:
            self._session.send(tlv(SEQUENCE, integer(number), request, *wrapped))
        except LinkError as error:
            raise link_fault(self._where, "", error) from error
        return number

    def _page(self, number: int) -> Page:
        try:
            page = self._inbox.page(number)
        except LinkError as error:
            raise link_fault(self._where, "", error) from error
        except NoticeError as error:
            raise LostError(
                f"{self._where}: the server ended the connection ({one_line(error.args[0]) or 'without a reason'})",
                hint="Try again; if it happens often, look at the server's log.",
            ) from error
        except NotLdapError as error:
            raise not_ldap(self._where, str(error)) from error
        self.referrals += page.references
        return page

    def _decoded(self, page: Page, targets: Targets) -> Iterator[tuple[str, Raw]]:
        try:
            yield from decoded(page, targets)
        except NotLdapError as error:
            raise not_ldap(self._where, str(error)) from error


def _request(base: str, scope: str, filter_: str, attributes: Collection[str]) -> bytes:
    try:
        return search_request(base, scope, filter_, sorted(attributes) or ["1.1"])
    except ValueError as error:
        raise ConfigError(
            f"[directory] filter {filter_!r} cannot be understood: {error}",
            hint='Write it as in "(&(objectClass=user)(department=Year 7))".',
        ) from error


def _paged(cookie: bytes) -> bytes:
    """The control that asks for the next page, critical: without pages there would be no whole read (RFC 2696)."""
    value = tlv(SEQUENCE, integer(PAGE), tlv(OCTETS, cookie))
    return tlv(SEQUENCE, tlv(OCTETS, PAGED), _TRUE, tlv(OCTETS, value))
