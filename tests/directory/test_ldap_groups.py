"""When the groups that role rules ask for cannot be relied on."""

from collections.abc import Iterator
from typing import Any

import pytest

from connector.directory.ldap_groups import Groups

GROUP = "cn=Club,dc=x"


class Shown:
    """A searcher that sees one group, with these attributes."""

    def __init__(self, **attributes: list[bytes]) -> None:
        self.attributes = attributes

    def everything(self, *_: object, **_how: object) -> Iterator[tuple[str, dict[str, list[bytes]]]]:
        """The group, whatever is searched."""
        yield GROUP, self.attributes

    def one(self, dn: str, *_: object) -> dict[str, list[bytes]] | None:
        """The group, by its name."""
        return self.attributes if dn == GROUP else None


@pytest.mark.parametrize(
    ("shown", "asked", "fault"),
    [
        ({"objectclass": [b"groupOfNames"], "member": [b"uid=a,dc=x"]}, GROUP, ""),
        ({"objectclass": [b"top", b"groupOfNames"]}, GROUP, "the members of the group cn=Club,dc=x"),
        ({"objectclass": [b"groupOfUniqueNames"]}, GROUP, "the members of the group"),
        ({"objectclass": [b"posixGroup"]}, GROUP, ""),
        ({"objectclass": [b"group"]}, GROUP, ""),
        ({"objectclass": [b"posixGroup"]}, "cn=Gone,dc=x", "the group cn=Gone,dc=x of a role rule is not there"),
    ],
)
def test_a_group_whose_members_are_hidden(shown: dict[str, list[bytes]], asked: str, fault: str) -> None:
    """A kind of group that always has members and shows none is not readable; others may be empty."""
    searcher: Any = Shown(**shown)
    assert Groups(searcher, "openldap", ["dc=x"], [asked]).fault.startswith(fault)
    assert bool(Groups(searcher, "openldap", ["dc=x"], [asked]).fault) is bool(fault)


def test_groups_that_people_themselves_tell() -> None:
    """Where the people's memberOf can be read, the groups' own members are not needed."""
    searcher: Any = Shown(objectclass=[b"groupOfNames"])
    groups = Groups(searcher, "openldap", ["dc=x"], [GROUP])
    groups.complete("uid=a,dc=x", {})
    assert groups.fault != ""
    groups.complete("uid=b,dc=x", {"memberof": [GROUP.encode()]})
    assert groups.fault == ""
