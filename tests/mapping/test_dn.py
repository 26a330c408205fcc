"""Which spellings of a distinguished name are one name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.mapping.dn import dn_parser, is_under, normal_dn, parse_dn, passes_through


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("", ""),
        ("CN=Amelia Smith,OU=Year 7,DC=School", "cn=amelia smith,ou=year 7,dc=school"),
        (" cn = Amelia   Smith , ou=Year 7", "cn=amelia smith,ou=year 7"),
        (r"CN=Smith\, Amelia,OU=Year 7", r"cn=smith\, amelia,ou=year 7"),
        (r"CN=Smith\2C Amelia,OU=Year 7", r"cn=smith\, amelia,ou=year 7"),
        ('CN="Smith, Amelia";OU=Year 7', r"cn=smith\, amelia,ou=year 7"),
        (r"CN=Zo\C3\AB,DC=x", "cn=zoë,dc=x"),
        ("uid=a+CN=b,dc=x", "cn=b+uid=a,dc=x"),
        (r"CN=a\+b,DC=x", r"cn=a\+b,dc=x"),
        (r"CN=a\=b,DC=x", r"cn=a\=b,dc=x"),
        ("CN=a=b,DC=x", r"cn=a\=b,dc=x"),
        (r"CN=\#1,DC=x", r"cn=\#1,dc=x"),
        (r"CN=\ a\ ,DC=x", "cn=a,dc=x"),
        ("CN=#04024869,DC=x", "cn=#04024869,dc=x"),
        ("OID.2.5.4.3=a", "2.5.4.3=a"),
        (r"CN=Gone\0ADEL:1b,CN=Deleted Objects,DC=x", r"cn=gone\0adel:1b,cn=deleted objects,dc=x"),
    ],
)
def test_a_dn_has_one_normal_form(text: str, normal: str) -> None:
    """Case, blanks, kinds of escaping and the order inside a multi-valued name do not matter."""
    assert normal_dn(text) == normal
    assert normal_dn(normal) == normal


@pytest.mark.parametrize("text", ["cn=x,,dc=y", "cn=x,", "Students", "=x", "cn=a\\", 'cn="a', r"cn=\ff", "c n=x"])
def test_what_is_no_dn_is_refused(text: str) -> None:
    """A text that only looks like a DN raises, so that no wrong base or group is taken for a right one."""
    with pytest.raises(ValueError, match=r"."):
        parse_dn(text)


@pytest.mark.parametrize(
    ("dn", "base", "under"),
    [
        ("CN=a,OU=Students,DC=x", "ou=students,dc=x", True),
        ("OU=Students,DC=x", "OU=Students,DC=x", True),
        ("CN=a,OU=More Students,DC=x", "OU=Students,DC=x", False),
        (r"CN=a\,OU=Students,DC=x", "OU=Students,DC=x", False),
        ("CN=a,DC=x", "OU=Students,DC=x", False),
        ("CN=a,DC=x", "", True),
    ],
)
def test_a_base_holds_itself_and_what_lies_below(dn: str, base: str, *, under: bool) -> None:
    """Only whole names count: an OU whose name merely ends alike, or an escaped comma, is no parent."""
    assert is_under(parse_dn(dn), parse_dn(base)) == under


@pytest.mark.parametrize(
    ("path", "through"),
    [
        ("OU=Year 7", True),
        ("OU=Year 7,OU=Students", True),
        ("OU=Students,DC=x", True),
        ("OU=Year 8", False),
        ("OU=Year 7,DC=x", False),
        ("CN=a", False),
        ("CN=a,OU=Year 7", False),
    ],
)
def test_a_path_must_occur_unbroken_among_the_parents(path: str, *, through: bool) -> None:
    """The entry's own name and gaps between the names do not count."""
    assert passes_through(parse_dn("CN=a,OU=Year 7,OU=Students,DC=x"), parse_dn(path)) == through


names = st.text('aB ,+\\"#=;<é\n', min_size=1, max_size=6).filter(lambda text: text.strip(" "))


def escaped(value: str) -> str:
    """A value with every byte escaped, as RFC 4514 allows."""
    return "".join(f"\\{octet:02X}" for octet in value.encode())


@given(st.lists(names, min_size=1, max_size=4))
def test_any_value_survives_escaping(values: list[str]) -> None:
    """However a value is escaped, the normal form is the same, stable, and keeps the names apart."""
    text = ",".join(f"CN={escaped(value)}" for value in values)
    dn = parse_dn(text)
    assert len(dn) == len(values)
    assert parse_dn(",".join(dn)) == dn


@given(st.lists(names.map(escaped).map("OU={}".format) | st.sampled_from(["CN=a", "DC=x"]), max_size=4))
def test_remembering_the_parents_changes_nothing(parts: list[str]) -> None:
    """The parser that remembers parents gives what the plain one gives, the second time too."""
    parse, text = dn_parser(), ",".join(parts)
    assert [parse(text), parse(text)] == [parse_dn(text)] * 2
