"""Tables of small directories: who is found by what, and who stands in whose way."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.entry import Completeness, DirectoryEntry, DirectoryRead
from connector.planning.correlate import Correlation, code_key, correlate, mistrust


def entry(login: str, key: str = "", **fields: Any) -> DirectoryEntry:
    """An entry with a DN made of its login."""
    fields.setdefault("dn", f"CN={login},OU=Students,DC=school,DC=example")
    return DirectoryEntry(login=login, key=key, **fields)


def directory(*entries: DirectoryEntry, known: tuple[str, ...] = ()) -> Correlation:
    """A correlation of these entries."""
    return correlate(DirectoryRead(entries), {code_key(code) for code in known})


@pytest.mark.parametrize(
    ("key", "code"),
    [("S1", "S1"), (" s1 ", "S1"), ("S1", "s1"), ("0042", "0042"), ("ｓ１", "S1")],
)
def test_a_key_is_compared_trimmed_and_folded(key: str, code: str) -> None:
    """White space around a key, its case and its width do not matter."""
    asmith = entry("asmith", key)
    assert directory(asmith).entries_of(code) == (asmith,)


@pytest.mark.parametrize(("key", "code"), [("042", "42"), ("S 1", "S1"), ("", ""), (" ", ""), ("", " ")])
def test_different_codes_stay_apart(key: str, code: str) -> None:
    """Leading zeros count, inner white space counts, and nothing is keyed to an empty code."""
    assert directory(entry("asmith", key)).entries_of(code) == ()


def test_of_two_entries_with_one_key_the_one_with_the_login_is_the_persons() -> None:
    """The username tells two entries of one key apart; without it the first by DN stands."""
    later, first = entry("asmith2", "S1", dn="CN=b"), entry("asmith", "S1", dn="CN=A")
    both = directory(later, first)
    assert both.entries_of("S1") == (first, later)
    assert both.entry_of("S1", "ASMITH2") == later
    assert both.entry_of("S1", "nobody") == first
    assert both.entry_of("S1") == first


def test_the_stable_id_finds_an_unkeyed_entry_after_the_code() -> None:
    """An entry that lost its key is still found by the id it was linked by, but a key comes first."""
    lost = entry("asmith", stable_id="id-1")
    keyed = entry("asmith2", "S1", stable_id="id-2")
    assert directory(lost).entry_of("S1", "asmith", "ID-1") == lost
    assert directory(lost, keyed).entry_of("S1", "asmith", "id-1") == keyed
    assert directory(lost).entry_of("S1", "asmith") is None


def test_the_stable_id_never_takes_an_entry_keyed_to_another_code() -> None:
    """The SIS code outranks the stable id: a person whose entry was re-keyed is not found through it."""
    assert directory(entry("asmith", "S2", stable_id="id-1")).entry_of("S1", "asmith", "id-1") is None


def test_a_deleted_entry_is_nobodys_and_holds_no_login() -> None:
    """A deleted object is told as such, never as an entry, and its login is free."""
    gone = entry("asmith", "S1", deleted=True, stable_id="id-1")
    tombstone = entry("bsmith", deleted=True, stable_id="id-2")
    found = directory(gone, tombstone, known=("S1", "S2"))
    assert found.entry_of("S1", "asmith", "id-1") is None
    assert found.login_owner("asmith") is None
    assert found.keyed_to_other("asmith", "S2") is None
    assert found.deleted_of("S1") == gone
    assert found.deleted_of("S2", "id-2") == tombstone
    assert found.deleted_of("S3") is None


def test_a_live_entry_with_a_stable_id_wins_over_its_deleted_self() -> None:
    """An object restored from the recycle bin is live."""
    gone, back = entry("asmith", stable_id="id-1", deleted=True), entry("asmith", stable_id="id-1", dn="CN=back")
    assert directory(back, gone).entry_of("S1", stable_id="id-1") == back


@pytest.mark.parametrize(
    ("login", "key", "known", "taken"),
    [
        ("asmith", "S2", ("S1", "S2"), True),
        ("asmith", " s2 ", ("S1", "S2"), True),
        ("asmith", "S1", ("S1", "S2"), False),
        ("asmith", "s1", ("S1", "S2"), False),
        ("asmith", "", ("S1", "S2"), False),
        ("asmith", "T9", ("S1", "S2"), False),
        ("bsmith", "S2", ("S1", "S2"), False),
    ],
)
def test_a_login_keyed_to_another_known_person_is_taken(
    login: str, key: str, known: tuple[str, ...], *, taken: bool
) -> None:
    """Only an entry keyed to somebody else whom the school knows blocks a candidate."""
    found = directory(entry(login, key), known=known)
    assert (found.keyed_to_other("asmith", "S1") is not None) == taken


def test_the_known_codes_may_still_be_filling() -> None:
    """The set of known codes is asked at look-up, not copied."""
    known: set[str] = set()
    found = correlate(DirectoryRead((entry("asmith", "S2"),)), known)
    assert found.keyed_to_other("asmith", "S1") is None
    known.add(code_key("S2"))
    assert found.keyed_to_other("asmith", "S1") is not None


def test_logins_are_compared_by_case_key() -> None:
    """A login is found under any case; an accent makes another login."""
    zoe = entry("Zoë")
    assert directory(zoe).login_owner("ZOË") == zoe
    assert directory(zoe).login_owner("zoe") is None
    assert directory(zoe).login_owner("") is None


def test_shared_keys_and_logins_are_told() -> None:
    """Entries that share a key or a login stand together, in the order of their DN; unkeyed ones apart."""
    one, two = entry("asmith", "S1", dn="CN=1"), entry("ASMITH", " s1", dn="CN=2")
    other = entry("bsmith", " ")
    found = directory(two, one, other)
    assert found.by_key == {"s1": (one, two)}
    assert found.by_login == {"asmith": (one, two), "bsmith": (other,)}
    assert found.unkeyed == (other,)


@given(st.permutations(range(6)))
def test_the_order_of_the_entries_never_matters(order: list[int]) -> None:
    """Whichever way the directory lists its entries, the same ones are found."""
    entries = [entry(f"u{n % 3}", f"S{n % 2}", dn=f"CN={n}", stable_id=str(n)) for n in range(6)]
    shuffled = directory(*(entries[n] for n in order), known=("S0", "S1"))
    straight = directory(*entries, known=("S0", "S1"))
    assert shuffled.entry_of("S0", "u1") == straight.entry_of("S0", "u1")
    assert shuffled.login_owner("u2") == straight.login_owner("u2")
    assert shuffled.keyed_to_other("u0", "S0") == straight.keyed_to_other("u0", "S0")


@pytest.mark.parametrize(
    ("entries", "last", "complete"),
    [(100, None, True), (90, 100, True), (89, 100, False), (0, 100, False), (120, 100, True), (0, 0, True)],
)
def test_a_read_that_shrank_too_far_is_not_complete(entries: int, last: int | None, *, complete: bool) -> None:
    """More than the allowed share fewer people than last time makes a read incomplete, with a reason."""
    judged = mistrust(Completeness(entries=entries), last, 10.0)
    assert judged.complete == complete
    assert bool(judged.reason) != complete


def test_a_read_that_is_incomplete_keeps_its_own_reason() -> None:
    """The first reason is the one that helps."""
    cut = Completeness(complete=False, reason="cut", entries=1)
    assert mistrust(cut, 100, 10.0) == cut
