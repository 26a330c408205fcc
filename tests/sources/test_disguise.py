import pytest

from connector.sources.disguise import disguise

TEXT = "Code,Name\r\nS1,Zoë\r\n"
KINDS = {
    "xlsx": (b"PK\x03\x04\x14\0", "a spreadsheet (.xlsx) or a zip"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a spreadsheet of the older kind (.xls)"),
    "PDF": (b"%PDF-1.7\n", "a PDF"),
    "gzip": (b"\x1f\x8b\x08\0", "packed with gzip"),
    "LDIF": (b"dn: cn=a\ncn: a\n", "an LDIF export of a directory"),
    "a page": (b"\n <!DOCTYPE html><html>", "a web page or XML"),
    "a page with a mark": (b"\xef\xbb\xbf<html>", "a web page or XML"),
    "XML": (b'<?xml version="1.0"?>', "a web page or XML"),
    "JSON": (b'[{"sis_code": "S1"}]', "JSON"),
    "UTF-16LE without a mark": (TEXT.encode("utf-16-le"), "UTF-16 without a byte-order mark"),
    "UTF-16BE without a mark": (TEXT.encode("utf-16-be"), "UTF-16 without a byte-order mark"),
}


@pytest.mark.parametrize(("head", "what"), KINDS.values(), ids=KINDS)
def test_what_is_no_delimited_text_is_called_by_its_name(head: bytes, what: str) -> None:
    """A file of another kind is told from its first bytes, with what to do about it."""
    found = disguise(head)
    assert found is not None
    assert found.what == what
    assert found.next_step.endswith(".")


@pytest.mark.parametrize(
    "head",
    [
        b"",
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("cp1252"),
        b"PKZ,Name\n",
        b"dn,uid\n",
        b'"[Code]",Name\n',
        b"<Code>;<Name>\n",
        b"Code\nS\0\n",
    ],
)
def test_delimited_text_is_let_through(head: bytes) -> None:
    """Text in any encoding that can be read is no disguise, nor is one with a stray NUL."""
    assert disguise(head) is None
