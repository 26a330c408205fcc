"""A whole invented school with seeded discrepancies: exactly the seeded ones are found."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.entry import Completeness, DirectoryEntry, DirectoryRead
from connector.domain.limits import DirectoryRules
from connector.domain.student import Status
from connector.planning.align import align
from connector.planning.align_people import Others, Person
from connector.planning.correlate import code_key

NOW = datetime(2026, 2, 1, tzinfo=UTC)
RULES = DirectoryRules(policy="report", year_ou="OU=Year {year},OU=Students", leavers_ou="OU=Leavers,DC=school")
GIVEN = ("Amelia", "Zoë", "Björn", "Nguyễn", "Siân", "José", "Aroha", "Xiǎo", "Mia", "Liam")
FAMILY = ("Smith", "O'Brien", "García", "Müller", "Te-Rangi", "de la Cruz", "Ó Néill", "Tran", "Kaur", "Lee")

Pair = tuple[Person, DirectoryEntry]
Fault = Callable[[Person, DirectoryEntry], tuple[Person, list[DirectoryEntry]]]

FAULTS: dict[str, Fault] = {
    "case-differs": lambda p, e: (p, [e._replace(login=e.login.upper())]),
    "fold-differs": lambda p, e: (p, [e._replace(login=e.login.replace("s", "š"), upn="")]),
    "whitespace-differs": lambda p, e: (p, [e._replace(login=e.login + " ")]),
    "username-differs": lambda p, e: (p, [e._replace(login="new." + e.login, upn="")]),
    "login-belongs-to-another": lambda p, e: (p, [e._replace(key="X" + e.key)]),
    "no-username": lambda p, e: (p._replace(username=""), [e]),
    "missing-in-directory": lambda p, _: (p, []),
    "deleted-in-directory": lambda p, e: (p, [e._replace(deleted=True)]),
    "disabled": lambda p, e: (p, [e._replace(enabled=False)]),
    "locked": lambda p, e: (p, [e._replace(locked=True)]),
    "expired": lambda p, e: (p, [e._replace(expires=NOW - timedelta(days=3))]),
    "expires-soon": lambda p, e: (p, [e._replace(expires=NOW + timedelta(days=3))]),
    "password-expired": lambda p, e: (p, [e._replace(password_expired=True)]),
    "password-not-required": lambda p, e: (p, [e._replace(password_not_required=True)]),
    "stale-login": lambda p, e: (p, [e._replace(last_sign_in=NOW - timedelta(days=200))]),
    "wrong-year-ou": lambda p, e: (p, [e._replace(dn=e.dn.replace("OU=Year ", "OU=Year 1"))]),
    "leavers-ou-but-active": lambda p, e: (p, [e._replace(dn=f"CN={e.login},OU=Leavers,DC=school")]),
    "mail-differs": lambda p, e: (p, [e._replace(mail="x" + e.mail)]),
    "upn-differs": lambda p, e: (p, [e._replace(upn="x" + e.upn)]),
    "key-missing": lambda p, e: (p, [e._replace(key="")]),
    "duplicate-key-in-directory": lambda p, e: (p, [e, e._replace(login=e.login + "-b", upn="", dn="CN=b" + e.dn)]),
}
LEAVERS = ("left-but-enabled", "orphan-in-directory")


def healthy(number: int, rng: random.Random) -> Pair:
    """A student and a network account with which nothing is wrong."""
    given_name, family = rng.choice(GIVEN), rng.choice(FAMILY)
    year, code, login = str(7 + number % 6), f"S{number:05}", f"s{number:05}"
    entry = DirectoryEntry(
        dn=f"CN={family}\\, {given_name} {number},OU=Year {year},OU=Students,DC=school",
        login=login,
        key=code,
        stable_id=f"id-{number}",
        upn=f"{login}@school.example",
        mail=f"{login}@school.example",
        given=given_name,
        family=family,
        last_sign_in=NOW - timedelta(days=rng.randrange(60)),
        created=NOW - timedelta(days=800),
    )
    return Person(code, login, given=given_name, family=family, year_level=year, email=entry.mail), entry


def school(seed: int, students: int) -> tuple[list[Person], list[DirectoryEntry], Others, set[tuple[str, str]]]:
    """People, entries, the others, and the truth: (code of the finding, SIS code)."""
    rng = random.Random(seed)
    people: list[Person] = []
    entries: list[DirectoryEntry] = []
    statuses: dict[str, Status] = {}
    truth: set[tuple[str, str]] = set()
    for number in range(students):
        person, entry = healthy(number, rng)
        fault = rng.choice((*FAULTS, *LEAVERS)) if rng.random() < 0.3 else ""
        found = [entry]
        if fault in FAULTS:
            person, found = FAULTS[fault](person, entry)
        entries += found
        if fault == "left-but-enabled":
            statuses[person.sis_code] = rng.choice((Status.LEFT, Status.INACTIVE))
        elif fault != "orphan-in-directory":
            people.append(person)
            statuses[person.sis_code] = Status.ACTIVE
        if fault:
            truth.add((fault, person.sis_code))
        if fault == "login-belongs-to-another":
            statuses["X" + person.sis_code] = Status.FUTURE
    return people, entries, Others(statuses=statuses), truth


@pytest.mark.parametrize("seed", range(5))
def test_exactly_the_seeded_discrepancies_are_found(seed: int) -> None:
    """In a school of 1,500 nothing seeded is overlooked and nothing else is reported."""
    people, entries, others, truth = school(seed, 1500)
    random.Random(seed).shuffle(people)
    random.Random(seed).shuffle(entries)
    read = DirectoryRead(tuple(entries), Completeness(kind="active-directory", entries=len(entries)))
    found = align(people, read, others, RULES, NOW)
    assert {(one.code, one.sis_code) for one in found.findings} == truth
    assert len(found.findings) == len(truth)
    unmatched = {code for code in FAULTS if code.endswith(("-differs", "-another", "-username", "-directory"))}
    unmatched -= {"case-differs", "mail-differs", "upn-differs", "duplicate-key-in-directory"}
    assert found.matched == len(people) - sum(code in unmatched for code, _ in truth)
    assert {code for code, _ in truth} == {*FAULTS, *LEAVERS}


@given(st.integers(0, 10**6), st.integers(0, 40), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_rows_and_entries_never_matters(seed: int, students: int, rng: random.Random) -> None:
    """Whichever way the SIS and the directory list their people, the same alignment comes out."""
    people, entries, others, _ = school(seed, students)

    def alignment() -> object:
        return align(people, DirectoryRead(tuple(entries)), others, RULES, NOW)

    straight = alignment()
    rng.shuffle(people)
    rng.shuffle(entries)
    assert alignment() == straight


texts = st.sampled_from(
    ["", " ", "S1", "s1 ", "S2", "asmith", "ASMITH", "asmíth", "Smith", "Amelia", "\x00", "@", "a@b"]
)
moments = st.none() | st.datetimes(timezones=st.just(UTC))
odd_people = st.lists(
    st.builds(
        Person,
        texts,
        texts,
        st.booleans(),
        texts,
        given=texts,
        family=texts,
        year_level=texts,
        email=texts,
        stable_id=texts,
    ),
    max_size=6,
    unique_by=lambda person: code_key(person.sis_code),
)
odd_entries = st.lists(
    st.builds(
        DirectoryEntry,
        st.sampled_from(["", "CN=a,OU=Year 7,OU=Students", "CN=b", "CN=c", "no dn", "CN=a\\", 'CN="']),
        texts,
        texts,
        texts,
        texts,
        texts,
        texts,
        texts,
        texts,
        expires=moments,
        last_sign_in=moments,
        created=moments,
        deleted=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda entry: entry.dn,
)


@given(odd_people, odd_entries, st.booleans())
def test_no_data_breaks_the_alignment(people: list[Person], entries: list[DirectoryEntry], complete: bool) -> None:
    """Whatever the directory and the SIS hold, each student counts once and every finding has its words."""
    read = DirectoryRead(tuple(entries), Completeness(complete=complete, entries=len(entries)))
    found = align(people, read, Others(), RULES, NOW)
    assert found.students == len(people)
    assert 0 <= found.matched <= len(people)
    assert all(one.detail and one.suggestion for one in found.findings)


@given(odd_people, odd_entries, st.randoms(use_true_random=False))
def test_the_order_never_matters_for_odd_data_either(
    people: list[Person], entries: list[DirectoryEntry], rng: random.Random
) -> None:
    """Shared keys, logins and names come out the same whichever way they are listed."""
    others = Others(usernames={"asmith": "the Staff account T1"}, statuses={"S2": Status.LEFT})

    def findings() -> object:
        return align(people, DirectoryRead(tuple(entries)), others, RULES, NOW).findings

    straight = findings()
    rng.shuffle(people)
    rng.shuffle(entries)
    assert findings() == straight
