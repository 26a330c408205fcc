"""The changes that would put findings right, on either side."""

from datetime import UTC, datetime
from typing import Any

import pytest

from connector.domain.alignment import Alignment, Apply, NewName
from connector.domain.entry import Completeness, DirectoryEntry, DirectoryRead
from connector.domain.limits import DirectoryRules
from connector.domain.student import Status
from connector.planning.align import align
from connector.planning.align_people import Others, Person

NOW = datetime(2026, 6, 1, tzinfo=UTC)
RULES = DirectoryRules(policy="report", year_ou="OU=Year {year},OU=Students", leavers_ou="OU=Leavers")
HOME = "OU=Year 7,OU=Students,DC=school,DC=example"
AMELIA = Person("S1", "asmith", given="Amelia", family="Smith", year_level="7")
BODHI = Person("S2", "bnguyen", given="Bodhi", family="Nguyen", year_level="7")


def entry(login: str = "asmith", key: str = "S1", **other: Any) -> DirectoryEntry:
    """An entry of Amelia's in the right unit."""
    usual: dict[str, Any] = {"given": "Amelia", "family": "Smith", "upn": f"{login.strip()}@school.example"}
    return DirectoryEntry(**{"dn": f"CN={key or login},{HOME}", "login": login, "key": key, **usual, **other})


NEIGHBOUR = entry("bnguyen", "S2", given="Bodhi", family="Nguyen")


def aligned(
    people: list[Person], entries: list[DirectoryEntry], others: Others | None = None, rules: DirectoryRules = RULES
) -> Alignment:
    """The alignment of these."""
    read = DirectoryRead(tuple(entries), Completeness(kind="active-directory", entries=len(entries)))
    return align(people, read, others or Others(), rules, NOW)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (entry(), []),
        (entry("asmith "), [("login", "asmith ", "asmith", Apply.YES)]),
        (entry("amelia.smith"), [("login", "amelia.smith", "asmith", Apply.CHOOSE)]),
        (entry("asmíth"), [("login", "asmíth", "asmith", Apply.CHOOSE)]),
        (entry("ASmith"), []),
        (entry(key=""), [("key", "", "S1", Apply.YES)]),
        (entry("other", key=""), [("key", "", "S1", Apply.CHECK)]),
        (entry(upn="amelia@school.example"), [("upn", "amelia@school.example", "asmith@school.example", Apply.YES)]),
        (entry(upn="asmith@gone.example"), [("upn", "asmith@gone.example", "asmith@school.example", Apply.YES)]),
        (entry(password_not_required=True), [("password-not-required", "TRUE", "FALSE", Apply.YES)]),
        (
            entry(dn="CN=a,OU=Year 8,OU=Students,DC=school,DC=example"),
            [("unit", "OU=Year 8,OU=Students,DC=school,DC=example", HOME, Apply.YES)],
        ),
        (
            entry(dn="CN=a,OU=2025,OU=Leavers,DC=school,DC=example"),
            [("unit", "OU=2025,OU=Leavers,DC=school,DC=example", HOME, Apply.YES)],
        ),
        (entry(enabled=False, locked=True, password_expired=True), []),
        (entry(deleted=True), []),
    ],
)
def test_changes_to_the_directory(own: DirectoryEntry, expected: list[tuple[str, str, str, Apply]]) -> None:
    """What is one value of an entry is proposed with the old and the new one; what a person decides is not."""
    rules = DirectoryRules(
        policy="report", year_ou=RULES.year_ou, leavers_ou=RULES.leavers_ou, upn_suffixes=("school.example",)
    )
    fixes = aligned([AMELIA, BODHI], [own, NEIGHBOUR], rules=rules).fixes
    assert [(fix.attribute, fix.old, fix.new, fix.apply) for fix in fixes] == expected
    assert all((fix.dn, fix.sis_code) == (own.dn, "S1") for fix in fixes)


@pytest.mark.parametrize("own", ["amelia.smith", "asmith "])
def test_no_login_is_proposed_that_another_entry_has(own: str) -> None:
    """Active Directory would refuse it; whose the login is remains a person's to decide."""
    stranger = entry("ASmith", "", given="Alan", dn=f"CN=alan,{HOME}")
    found = aligned([AMELIA], [entry(own), stranger])
    assert [fix.attribute for fix in found.fixes if fix.attribute == "login"] == []


def test_the_account_of_somebody_who_left_is_switched_off() -> None:
    """Whoever left by the SIS loses the network account, whichever entry carries the code."""
    fixes = aligned([], [entry()], Others(statuses={"S1": Status.LEFT})).fixes
    assert [(fix.attribute, fix.old, fix.new) for fix in fixes] == [("enabled", "TRUE", "FALSE")]


def test_no_unit_is_proposed_where_there_are_two() -> None:
    """Where two campuses have a Year 7, or nobody lies in one, nobody is moved by guess."""
    astray = entry(dn="CN=a,OU=Year 8,OU=Students,DC=school,DC=example")
    south = NEIGHBOUR._replace(dn="CN=b,OU=Year 7,OU=Students,OU=South,DC=school,DC=example", key="S3", login="c")
    both = aligned([AMELIA, BODHI], [astray, NEIGHBOUR, south], Others(known=["S3"]))
    assert "wrong-year-ou" in both.by_code
    assert both.fixes == ()
    assert aligned([AMELIA], [astray]).fixes == ()


def test_accounts_take_their_own_logins_all_together() -> None:
    """Two who hold each other's names swap, and a name whose holder moves away is free."""
    people = [
        Person("S1", "b"), Person("S2", "a"), Person("S3", "c"), Person("S4", "d"),
    ]  # fmt: skip
    entries = [entry("a", "S1"), entry("b", "S2"), entry("d", "S3"), entry("e", "S4")]
    assert list(aligned(people, entries).new_names) == [
        NewName("S1", "b", "a"),
        NewName("S2", "a", "b"),
        NewName("S3", "c", "d"),
        NewName("S4", "d", "e"),
    ]


@pytest.mark.parametrize(
    ("people", "entries", "others"),
    [
        ([Person("S1", "a")], [entry("A", "S1")], Others()),
        ([Person("S1", "a", proposed=True)], [entry("b", "S1")], Others()),
        ([Person("S1", "a")], [entry("b+c", "S1")], Others()),
        ([Person("S1", "a")], [entry("", "S1")], Others()),
        ([Person("S1", "a")], [entry("b", "")], Others()),
        ([Person("S1", "a")], [entry("b", "S1")], Others(usernames={"B": "the Staff account T1"})),
        ([Person("S1", "a"), Person("S2", "b")], [entry("b", "S1"), entry("b", "S2", dn="CN=2")], Others()),
        (
            [Person("S1", "a"), Person("S2", "b"), Person("S3", "c")],
            [entry("b", "S1"), entry("c", "S2"), entry("c", "S3", dn="CN=3")],
            Others(),
        ),
    ],
    ids=[
        "case only",
        "no account yet",
        "a sign",
        "no login",
        "a guess",
        "staff has it",
        "a student keeps it",
        "chain",
    ],
)
def test_names_that_cannot_be_taken(people: list[Person], entries: list[DirectoryEntry], others: Others) -> None:
    """Nothing is proposed that TrackOne would refuse, or that would have to wait for somebody else."""
    assert aligned(people, entries, others).new_names == ()
