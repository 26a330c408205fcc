"""What the syncs remember of an account, and when a digest stops holding."""

from datetime import date

import pytest

from connector.domain.account import Sighting
from connector.domain.ports import Credential, SightingNote
from tests.store.people import SYNC, archive, by_name, create, remove, rename, run, student, update

TODAY = date(2026, 2, 2)
LAST = -(2**63)


def digests(store, as_of=TODAY):
    """The digests that hold."""
    with store.view() as view:
        return view.known_digests(as_of)


def sighting(store, code):
    """The sighting of the student with this code."""
    with store.view() as view:
        [known] = view.students_by_code([code])
        return known.sighting


def seen(store, digest=11, **more):
    """One student, created with a sighting; returns the account."""
    run(
        store,
        create(student("asmith", "s1")),
        sightings=[Sighting(digest, 0, None, 0, baseline=True)._replace(**more)],
    )
    return by_name(store)["asmith"]


def test_a_sighting_goes_in_with_its_account(store):
    """A sighting given with a create is kept under version 1, whatever version it says."""
    seen(store, digest=LAST, version=7, until=date(2026, 3, 1), missing_reads=2)
    assert sighting(store, "s1") == Sighting(LAST, 1, date(2026, 3, 1), 2, baseline=True)
    assert digests(store) == {LAST}


def test_no_sighting_is_an_empty_one(store):
    """An account nobody remembered anything of has the empty sighting, and no digest."""
    run(store, create(student("asmith", "s1")))
    assert sighting(store, "s1") == Sighting()
    assert digests(store) == set()


@pytest.mark.parametrize(
    ("until", "as_of", "holds"),
    [
        (None, date(2999, 1, 1), True),
        (date(2026, 2, 3), date(2026, 2, 2), True),
        (date(2026, 2, 3), date(2026, 2, 3), False),
        (date(2026, 2, 3), date(2026, 2, 4), False),
    ],
)
def test_a_digest_holds_until_its_day(store, until, as_of, holds):
    """On the day `until` a digest no longer holds."""
    seen(store, until=until)
    assert digests(store, as_of) == ({11} if holds else set())


@pytest.mark.parametrize(
    "touch",
    [
        lambda account: update(account, campus="N"),
        lambda account: rename(account, "amelia"),
        archive,
        remove,
    ],
    ids=["update", "rename", "archive", "remove"],
)
def test_a_write_ends_a_digest(store, touch):
    """Any change of the account takes the digest's word away."""
    run(store, touch(seen(store)))
    assert digests(store) == set()


def test_a_write_keeps_what_else_was_remembered(store):
    """A change without a sighting of its own keeps baseline and missing reads."""
    run(store, update(seen(store, missing_reads=1), campus="N"))
    assert sighting(store, "s1") == Sighting(None, 1, None, 1, baseline=True)


def test_a_password_ends_a_digest(store):
    """A new password is another version, so the digest no longer holds."""
    account = seen(store)
    with store.run(SYNC) as writer:
        writer.set_credential(account.id, Credential("v"))
    assert digests(store) == set()


def test_a_change_brings_its_sighting(store):
    """A sighting given with an update holds for the new version; None keeps the old one's facts."""
    seen(store)
    run(store, create(student("bjones", "s2")))
    found = by_name(store)
    run(
        store,
        update(found["asmith"], campus="N"),
        update(found["bjones"], campus="N"),
        sightings=[Sighting(22), None],
    )
    assert digests(store) == {22}
    assert sighting(store, "s1") == Sighting(22, 2)


def test_an_archived_account_has_no_digest(store):
    """A digest given with an archive, or with an account made archived, does not hold."""
    run(store, archive(seen(store)), sightings=[Sighting(33)])
    run(store, create(student("old", "s9", archived=True)), sightings=[Sighting(44)])
    assert digests(store) == set()


def test_notes_touch_neither_version_nor_history(store):
    """remember() keeps sightings and nothing else; they replace those of before."""
    account = seen(store)
    with store.run(SYNC) as writer:
        writer.remember(iter([SightingNote(account.id, Sighting(55, 1, TODAY, 3))]))
    assert sighting(store, "s1") == Sighting(55, 1, TODAY, 3)
    assert by_name(store)["asmith"] == account
    assert len(store.history(account.id)) == 1


@pytest.mark.parametrize("version", [0, 1, 3])
def test_a_note_of_another_version_brings_no_digest(store, version):
    """A digest taken from another version of the account is not believed; the other facts are kept."""
    account = seen(store)
    run(store, update(account, campus="N"))
    with store.run(SYNC) as writer:
        writer.remember([SightingNote(account.id, Sighting(66, version, None, 1))])
    assert digests(store) == set()
    assert sighting(store, "s1").missing_reads == 1


def test_a_note_of_an_archived_account_brings_no_digest(store):
    """Digests are for live accounts."""
    account = seen(store)
    run(store, archive(account))
    with store.run(SYNC) as writer:
        writer.remember([SightingNote(account.id, Sighting(77, 2))])
    assert digests(store) == set()


def test_notes_can_bring_facts_of_the_account(store):
    """`claimed` and `stable_id` of a note are kept on the account under the same version; empty ones take nothing."""
    account = seen(store)
    with store.run(SYNC) as writer:
        writer.remember([SightingNote(account.id, Sighting(1, 1), claimed=True, stable_id="guid-1")])
        writer.remember([SightingNote(account.id, Sighting(2, 1))])
    assert by_name(store)["asmith"] == account._replace(claimed=True, stable_id="guid-1")
    assert digests(store) == {2}


def test_the_baseline_is_counted(store):
    """baseline_size counts the students remembered as active and in scope."""
    people = [student(f"u{number}", f"s{number}") for number in range(5)]
    marks = [Sighting(number, baseline=number < 3) for number in range(5)]
    run(store, *map(create, people), sightings=marks)
    with store.view() as view:
        assert view.baseline_size() == 3
        assert {known.account.sis_code for known in view.claimed_students()} == set()


def test_notes_are_many(store, many):
    """Any number of notes is kept, streamed."""
    people = [student(f"u{number}", f"s{number}") for number in range(many)]
    ids = run(store, *map(create, people))
    with store.run(SYNC) as writer:
        writer.remember(SightingNote(number, Sighting(number, 1)) for number in ids)
    assert digests(store) == set(ids)
