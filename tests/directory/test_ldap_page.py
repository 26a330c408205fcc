"""How the octets of a search's answer become entries, however they arrive, and what is refused."""

import random

import pytest

from connector.directory.ldap_ber import NotLdapError, integer, tlv
from connector.directory.ldap_page import (
    DONE,
    ENTRY,
    EXTENDED,
    PAGED,
    REFERENCE,
    Inbox,
    NoticeError,
    Targets,
    decoded,
)
from connector.directory.ldap_search import Searcher
from connector.domain.errors import DirectoryError

WANTED = frozenset(("uid", "mail", "memberof", "description"))
ID = 7


def long_tlv(tag: int, *contents: bytes) -> bytes:
    """An element whose length takes four octets, as Active Directory writes it."""
    content = b"".join(contents)
    return bytes((tag, 0x84)) + len(content).to_bytes(4, "big") + content


def entry(dn: str, build=tlv, **attributes: list[bytes]) -> bytes:
    """A message with one entry."""
    parts = [
        build(0x30, tlv(4, name.encode()), build(0x31, *(build(4, value) for value in values)))
        for name, values in attributes.items()
    ]
    return build(0x30, integer(ID), build(ENTRY, build(4, dn.encode()), build(0x30, *parts)))


def done(code: int = 0, cookie: bytes | None = None, message: str = "", *more: bytes) -> bytes:
    """The message that ends an answer."""
    result = tlv(DONE, integer(code, 0x0A), tlv(4, b""), tlv(4, message.encode()), *more)
    if cookie is None:
        return tlv(0x30, integer(ID), result)
    value = tlv(4, tlv(0x30, integer(0), tlv(4, cookie)))
    return tlv(0x30, integer(ID), result, tlv(0xA0, tlv(0x30, tlv(4, PAGED), tlv(1, b"\0"), value)))


def inbox(octets: bytes, size: int = 1 << 20) -> Inbox:
    """An inbox that gets these octets in pieces of a size, and then no more."""
    pieces = [octets[at : at + size] for at in range(0, len(octets), size)][::-1]

    def receive() -> bytes:
        if not pieces:
            raise EOFError
        return pieces.pop()

    return Inbox(receive)


def everything(octets: bytes, size: int = 1 << 20) -> list[tuple[str, dict[str, list[bytes]]]]:
    """The entries of an answer that comes in pieces."""
    return list(decoded(inbox(octets, size).page(ID), Targets(WANTED)))


ANSWER = (
    entry("uid=a,dc=x", uid=[b"a"], mail=[b"a@x", b"b@x"])
    + tlv(0x30, integer(ID), tlv(REFERENCE, tlv(4, b"ldap://elsewhere/")))
    + entry("uid=ë,dc=x", long_tlv, uid=["ë".encode()], description=[b"d" * 300], jpegPhoto=[b"\0" * 70_000])
    + entry("uid=empty,dc=x")
    + done(cookie=b"next")
)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, 4096, 1 << 20])
def test_an_answer_in_pieces(size: int) -> None:
    """Entries are the same however the network cuts them, with short and with long lengths."""
    assert everything(ANSWER, size) == [
        ("uid=a,dc=x", {"uid": [b"a"], "mail": [b"a@x", b"b@x"]}),
        ("uid=ë,dc=x", {"uid": ["ë".encode()], "description": [b"d" * 300]}),
        ("uid=empty,dc=x", {}),
    ]


def test_the_end_of_an_answer() -> None:
    """The result, the cookie of the next page and the references are told; what follows is kept for later."""
    box = inbox(ANSWER + done(4, None, "too many"))
    first = box.page(ID)
    assert (first.result.code, first.result.cookie, first.references) == (0, b"next", 1)
    second = box.page(ID)
    assert (second.result.code, second.result.message, second.entries) == (4, "too many", [])


def test_a_referral_names_the_other_servers() -> None:
    """The addresses of a referral are told."""
    octets = done(10, None, "", tlv(0xA3, tlv(4, b"ldap://one/"), tlv(4, b"ldap://two/")))
    assert inbox(octets).page(ID).result.referrals == ("ldap://one/", "ldap://two/")


def test_names_with_options() -> None:
    """Options of binary and range belong to the attribute, an unfinished range is marked, other options do not."""
    octets = entry(
        "uid=a", **{"uid;binary": [b"1"], "memberOf;range=0-1": [b"g"], "mail;lang-en": [b"no"], "MAIL": [b"yes"]}
    )
    assert everything(octets + done()) == [("uid=a", {"uid": [b"1"], "memberof;cut": [b"g"], "mail": [b"yes"]})]
    octets = entry("uid=a", **{"memberOf;range=2-*": [b"h"]})
    assert everything(octets + done()) == [("uid=a", {"memberof": [b"h"]})]


def test_a_message_id_that_is_longer_than_needed() -> None:
    """A server may write the id of a message in more octets than it needs."""
    octets = tlv(0x30, tlv(2, b"\0\0\0\7"), tlv(ENTRY, tlv(4, b"uid=a"), tlv(0x30))) + done()
    assert everything(octets) == [("uid=a", {})]


@pytest.mark.parametrize("code", [tlv(0x0A), tlv(2, b"\0"), tlv(4)])
def test_a_result_without_a_code_is_no_success(code: bytes) -> None:
    """A result that does not say how the search ended is refused."""
    octets = tlv(0x30, integer(ID), tlv(DONE, code, tlv(4), tlv(4)))
    with pytest.raises(NotLdapError):
        inbox(octets).page(ID)


class Wired:
    """A session whose server gives one answer to whatever is asked."""

    def __init__(self, octets: bytes) -> None:
        self.receive = inbox(octets)._receive

    def next_id(self) -> int:
        """The id that the answer is for."""
        return ID

    def send(self, message: bytes) -> None:
        """Say nothing."""


@pytest.mark.parametrize(
    ("count", "end", "whole"),
    [(999, done(), True), (1000, done(), False), (1000, done(cookie=b""), True), (1500, done(), True)],
    ids=["a short page", "a full page without a word", "a full page that was the last", "a server without pages"],
)
def test_a_full_page_must_say_whether_more_follow(count: int, end: bytes, *, whole: bool) -> None:
    """What lies between may drop the page control; then the first page looks like everything."""
    octets = b"".join(entry(f"uid={number},dc=x", uid=[b"u"]) for number in range(count)) + end
    found = Searcher(Wired(octets), "ldap://x").everything("dc=x", "(uid=*)", ["uid"])
    if whole:
        assert len(list(found)) == count
    else:
        with pytest.raises(DirectoryError, match="not whether more follow"):
            list(found)


def test_a_notice_of_disconnection() -> None:
    """A server that says good-bye (RFC 4511, 4.4.1) is heard, with its reason."""
    notice = tlv(EXTENDED, integer(52, 0x0A), tlv(4, b""), tlv(4, b"going down"))
    with pytest.raises(NoticeError, match="going down"):
        inbox(entry("uid=a") + tlv(0x30, integer(0), notice)).page(ID)


@pytest.mark.parametrize(
    "octets",
    [
        b"HTTP/1.1 200 OK\r\n",
        bytes(16),
        bytes.fromhex("3084ffffffff0201"),
        bytes.fromhex("3080020107640000000000"),
        tlv(0x30, integer(ID + 1), tlv(ENTRY, tlv(4, b"uid=a"), tlv(0x30))),
        tlv(0x30, integer(ID), tlv(0x61, b"\x0a\x01\x00\x04\x00\x04\x00")),
        tlv(0x30, integer(ID), tlv(DONE)),
    ],
)
def test_what_is_no_answer(octets: bytes) -> None:
    """Octets that are no answer to the search are refused."""
    with pytest.raises(NotLdapError):
        inbox(octets).page(ID)


def test_damaged_answers_are_refused_or_read_but_never_crash() -> None:
    """Whatever octet of an answer is damaged, it is an entry that still makes sense or an error of ours."""
    dice = random.Random(4511)
    small = entry("uid=a,dc=x", uid=[b"a"], mail=[b"a@x", b"b@x"]) + done(cookie=b"c")
    for _ in range(20_000):
        damaged = bytearray(small)
        for _times in range(dice.randint(1, 3)):
            damaged[dice.randrange(len(small))] = dice.randrange(256)
        try:
            everything(bytes(damaged))
        except (NotLdapError, NoticeError, EOFError):
            continue
