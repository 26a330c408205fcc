"""Which entries an LDAP filter matches."""

import time

import pytest

from connector.directory.filter import parse_filter
from connector.domain.errors import ConfigError

ENTRY = {
    "samaccountname": [b"svc-Print"],
    "department": [b"Year 7", b"Choir"],
    "useraccountcontrol": [b"514"],
    "objectcategory": [b"CN=Person,CN=Schema,CN=Configuration,DC=x"],
    "sn": ["Zoë (née *)".encode()],
    "photo": [b"\xff"],
}


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("(samaccountname=SVC-PRINT)", True),
        ("(sAMAccountName=svc)", False),
        ("(sAMAccountName=svc-*)", True),
        ("(sAMAccountName=*print)", True),
        ("(sAMAccountName=s*c*t)", True),
        ("(sAMAccountName=*x*)", False),
        ("(sAMAccountName=*)", True),
        ("(mail=*)", False),
        ("(!(mail=*))", True),
        ("(department=choir)", True),
        ("(&(department=Choir)(department=Year 7))", True),
        ("(&(department=Choir)(department=Year 8))", False),
        ("(|(department=Year 8)(department=Year 7))", True),
        ("(&)", True),
        ("(|)", False),
        ("(userAccountControl:1.2.840.113556.1.4.803:=2)", True),
        ("(userAccountControl:1.2.840.113556.1.4.803:=6)", False),
        ("(userAccountControl:1.2.840.113556.1.4.804:=6)", True),
        ("(userAccountControl>=513)", True),
        ("(userAccountControl<=513)", False),
        ("(userAccountControl>=99)", True),
        ("(sn>=zoa)", True),
        ("(objectCategory=person)", True),
        ("(objectCategory=CN=Person,CN=Schema,CN=Configuration,DC=x)", True),
        ("(objectCategory=group)", False),
        (r"(sn=Zo\c3\ab \28n\C3\a9e \2A\29)", True),
        (r"(sn=*\28*)", True),
        ("(sn~=zoë*)", True),
        ("(photo=x)", False),
        (" (& (sn=*) (photo=*) ) ", True),
    ],
)
def test_a_filter_matches_as_a_server_would(text: str, *, matches: bool) -> None:
    """Equality, presence, substrings, order, bit masks, and, or, not (RFC 4515)."""
    assert parse_filter(text).matches(ENTRY) == matches


@pytest.mark.parametrize(
    ("text", "matches"), [("*a*a*a*a*a*a*a*a*a*a*b", False), ("a*" * 200 + "b", False), ("*a*" * 20, True)]
)
def test_many_stars_take_no_time(text: str, *, matches: bool) -> None:
    """A filter of many parts is decided in one pass over the value, however nearly it matches."""
    began = time.process_time()
    assert parse_filter(f"(cn={text})").matches({"cn": [b"a" * 5_000]}) == matches
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("text", "matches"), [("ab*ab", False), ("a*b*b", False), ("*b*", True), ("a**b", True), ("*a*b", True)]
)
def test_the_parts_of_a_filter_do_not_overlap(text: str, *, matches: bool) -> None:
    """Each part must be there for itself, in their order."""
    assert parse_filter(f"(cn={text})").matches({"cn": [b"ab"]}) == matches


def test_a_filter_names_the_attributes_it_looks_at() -> None:
    """What a filter asks for must be read from the export."""
    assert parse_filter("(&(objectClass=user)(!(Department=x)))").names == {"objectclass", "department"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a=b",
        "(a=b",
        "(a=b))",
        "()",
        "(a)",
        "(!(a=b)(c=d))",
        "(&(a=b)",
        "(a:2.5.13.2:=b)",
        "(a=b)(c=d)",
        "(=b)",
        "(!" * 5_000 + "(a=b)" + ")" * 5_000,
    ],
)
def test_a_filter_that_cannot_be_understood_is_shown(text: str) -> None:
    """A wrong filter is a fault of the configuration that shows the filter and an example."""
    with pytest.raises(ConfigError) as caught:
        parse_filter(text)
    assert repr(text) in str(caught.value)
    assert "Write it as in" in str(caught.value)
