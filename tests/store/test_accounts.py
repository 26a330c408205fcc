"""Accounts written and read back, through every implementation of the store."""

from datetime import UTC, date, datetime

import pytest

from connector.domain.account import Account, Grant, Sighting, UserType
from connector.domain.errors import PlanError, StoreError
from connector.domain.plan import Action, Change
from connector.domain.ports import Credential
from tests.store.people import SYNC, archive, by_name, create, remove, run, student, update

FULL = Account(
    username="Zoë.O'Brien",
    sis_code="007",
    user_type=UserType.STAFF,
    family_name='O\'Brien "the" \\ second',
    given_names="Zoë\t明",
    email="zoe@school.example",
    roles=("Teacher Security", "Student Portal"),
    approved=False,
    locked_out=True,
    override_network_authentication=True,
    archived=True,
    year_level="12",
    campus="North",
    external_ids=(("entra", "a-1"), ("okta", "b-2")),
    grants=(Grant("Teacher Security", "person"), Grant("Student Portal", "scim:entra")),
    denies=(Grant("Parent", "rule:none"),),
    archived_by="scim:entra",
    disabled_by="person",
    email_by="scim:okta",
    claimed=True,
    stable_id="0f3c",
    last_sign_in=datetime(2026, 1, 5, 8, 30, 15, 250, tzinfo=UTC),
)


def test_every_field_comes_back(opener):
    """An account that uses every field is read back equal by another process, under its id and version 1."""
    ids = run(opener(), create(FULL), create(student("asmith", "S1")))
    found = by_name(opener())
    assert found == {
        "Zoë.O'Brien": FULL._replace(id=ids[0], version=1),
        "asmith": student("asmith", "S1", id=ids[1], version=1),
    }


def test_every_field_is_in_the_record(opener):
    """The images of a run hold every field of the account as it was stored, before and after."""
    run(opener(), create(FULL))
    [before] = by_name(opener()).values()
    run(opener(), update(before, year_level="11", last_sign_in=None))
    [outcome] = opener().outcomes(2)
    assert outcome.change.before == before
    assert outcome.change.after == before._replace(year_level="11", last_sign_in=None, version=2)


def test_versions_count_writes(store):
    """Each write moves an account's version on by one."""
    run(store, create(student("asmith")))
    for expected in (1, 2, 3):
        account = by_name(store)["asmith"]
        assert account.version == expected
        run(store, update(account, campus=f"C{expected}"))


def test_ids_are_never_used_again(store):
    """The id of a removed account is not given to the next one, in the same run or a later one."""
    first, last = run(store, create(student("asmith")), create(student("bjones")))
    run(store, remove(by_name(store)["bjones"]))
    [third] = run(store, create(student("cbrown")))
    assert [first, last, third] == [1, 2, 3]


def test_accounts_come_by_code_then_name(store):
    """accounts() is ordered by SIS code, then username, by code point; System accounts are not among them."""
    people = [
        student("zed", "S10"),
        student("adam", "S9"),
        student("b", ""),
        student("a", ""),
        student("Z", ""),
        student("root", "", user_type=UserType.SYSTEM),
        student("teacher", "S10", user_type=UserType.STAFF),
    ]
    run(store, *map(create, people))
    with store.view() as view:
        assert [one.username for one in view.accounts()] == ["Z", "a", "b", "teacher", "zed", "adam"]
        assert [one.username for one in view.accounts(UserType.STAFF)] == ["teacher"]
        assert list(view.accounts(UserType.SYSTEM)) == []


def test_students_are_found_by_code(store):
    """Codes are compared folded and in any number; other user types with the same code are not students."""
    people = [student(f"s{number}", f"É{number:04}", archived=number % 2 == 0) for number in range(1200)]
    run(store, *map(create, people), create(student("t", "É0001", user_type=UserType.STAFF)))
    with store.view() as view:
        found = view.students_by_code([f"e{number:04}" for number in range(1500)])
        assert view.students_by_code([]) == []
    assert sorted(known.account.sis_code for known in found) == [f"É{number:04}" for number in range(1200)]


def test_an_account_is_found_by_its_id(store):
    """account() gives the account of an id, None for an id there is not."""
    [number] = run(store, create(student("asmith")))
    with store.view() as view:
        assert view.account(number).username == "asmith"
        assert view.account(number + 1) is None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("S1", ["asmith"]),
        ("s1", ["asmith"]),
        ("ASMITH", ["asmith"]),
        ("ﬁona", ["fiona"]),
        ("µ", ["μ"]),
        ("josé", ["José"]),
        ("jose", []),
        ("nobody", []),
        ("root", []),
        ("", []),
    ],
)
def test_find_compares_as_signing_in_does(store, asked, expected):
    """A code is found folded, a username by case only: a diacritic makes another login; System is never found."""
    people = [student("asmith", "S1"), student("fiona"), student("μ"), student("José")]
    run(store, *map(create, people), create(student("root", user_type=UserType.SYSTEM)))
    with store.view() as view:
        assert [one.username for one in view.find(asked)] == expected


def test_one_who_is_code_and_name_is_found_once(store):
    """An account whose code is its username comes once; one with that code comes before one with that name."""
    run(store, create(student("x1", "x1")), create(student("x2", "x3")), create(student("x3", "x4")))
    with store.view() as view:
        assert [one.username for one in view.find("x1")] == ["x1"]
        assert [one.username for one in view.find("x3")] == ["x2", "x3"]


def test_claimed_students_are_counted_and_listed(store):
    """claimed_count counts live claimed Students, by year where asked; claimed_students lists archived ones too."""
    run(
        store,
        create(student("a", "1", claimed=True, year_level="7")),
        create(student("b", "2", claimed=True, year_level="8")),
        create(student("c", "3", claimed=True, year_level="8", archived=True)),
        create(student("d", "4", year_level="8")),
        create(student("e", "5", claimed=True, year_level="8", user_type=UserType.STAFF)),
    )
    with store.view() as view:
        assert (view.claimed_count(), view.claimed_count(["8", "9"]), view.claimed_count([])) == (2, 1, 0)
        assert sorted(known.account.username for known in view.claimed_students()) == ["a", "b", "c"]


def test_student_emails_are_those_of_live_students_with_a_code(store):
    """E-mails come as case keys with the code of their student."""
    run(
        store,
        create(student("a", "1", email="A.Smith@School.Example")),
        create(student("b", "2")),
        create(student("c", "", email="c@school.example")),
        create(student("d", "4", email="d@school.example", archived=True)),
    )
    with store.view() as view:
        assert list(view.student_emails()) == [("a.smith@school.example", "1")]


def test_a_drifted_row_stops_everything(store):
    """A change made for another version, or for an account that is gone, is refused by name; nothing is written."""
    run(store, *(create(student(name, code)) for name, code in [("a", "S1"), ("b", "S2"), ("c", ""), ("d", "S4")]))
    old = by_name(store)
    run(store, update(old["a"], campus="N"), remove(old["c"]))
    now = by_name(store)
    with store.run(SYNC) as writer:
        with pytest.raises(PlanError) as refused:
            writer.write([update(old[name], campus="S") for name in "abcd"] + [create(student("e"))])
        assert {one.username: one for one in writer.accounts()} == now
    assert "a (SIS code S1), c;" in str(refused.value)
    assert "S2" not in str(refused.value)


def test_a_code_held_by_another_is_refused(store):
    """A SIS code is unique within a user type, folded; the refusal names the holder, archived ones too."""
    run(store, create(student("asmith", "É1", archived=True)), create(student("bjones", "S2")))
    run(store, create(student("teacher", "E1", user_type=UserType.STAFF)))
    for change in (create(student("new", "e1")), update(by_name(store)["bjones"], sis_code="e1")):
        with pytest.raises(StoreError, match=r"SIS code e1 is held by asmith \(SIS code É1, archived\)"):
            run(store, change)


def test_codes_can_change_hands_in_one_call(store):
    """Two accounts swap their SIS codes in one call."""
    run(store, create(student("a", "S1")), create(student("b", "S2")))
    found = by_name(store)
    run(store, update(found["a"], sis_code="S2"), update(found["b"], sis_code="S1"))
    assert {name: one.sis_code for name, one in by_name(store).items()} == {"a": "S2", "b": "S1"}


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (student("asmith", "S1"), student("ASmíth", "S2"), "want the username ASmíth"),
        (student("asmith", "S1"), student("bjones", "s1"), "want the SIS code s1"),
    ],
)
def test_two_changes_cannot_want_the_same(store, first, second, message):
    """Two creates of one call that want one name, or one code, are refused before anything is written."""
    with store.run(SYNC) as writer:
        with pytest.raises(StoreError, match=message):
            writer.write([create(first), create(second)])
        assert writer.is_empty()


def test_one_account_is_changed_once_a_call(store):
    """Two changes of one call to one account are refused."""
    run(store, create(student("asmith")))
    account = by_name(store)["asmith"]
    with pytest.raises(StoreError, match="same account"):
        run(store, update(account, campus="N"), update(account, campus="S"))


def test_many_changes_fit_one_call(store, many):
    """A call larger than any batch inside is done whole and in order."""
    people = [student(f"u{number:05}", f"{number:05}") for number in range(many)]
    ids = run(store, *map(create, people))
    assert ids == list(range(1, many + 1))
    found = by_name(store)
    run(store, *(archive(found[one.username]) for one in people))
    assert [outcome.sequence for outcome in store.outcomes(2)] == ids
    assert all(one.archived for one in by_name(store).values())


@pytest.mark.parametrize("late", [student("U00007"), student("new", "00007")], ids=["name", "code"])
def test_a_refusal_late_in_a_large_call_leaves_nothing_of_it(store, late):
    """What a refused call had begun is taken back; the run can go on as if the call had not been."""
    people = [create(student(f"v{number:05}", f"v{number}")) for number in range(5500)]
    with store.run(SYNC) as writer:
        writer.write([create(student("u00007", "00007"))])
        with pytest.raises(StoreError, match=r"is held by u00007 \(SIS code 00007\)"):
            writer.write([*people, create(late)], sightings=[Sighting(5)] * 5501)
        assert [one.username for one in writer.accounts()] == ["u00007"]
        assert writer.known_digests(date(2026, 2, 2)) == set()
        assert writer.write([create(student("after"))]) == [2]
    assert [(one.sequence, one.change.username) for one in store.outcomes(1)] == [(1, "u00007"), (2, "after")]


def test_creates_take_a_credential_each(store):
    """Every create asks for a credential; changes to accounts there are ask for none."""
    asked = []

    def credential() -> Credential:
        asked.append(1)
        return Credential("v")

    run(store, create(student("a")), create(student("b")), credential=credential)
    run(store, update(by_name(store)["a"], campus="N"), credential=credential)
    assert len(asked) == 2


def test_a_new_password_moves_the_version_and_leaves_no_trace(store):
    """set_credential makes the account another version; no image or outcome tells of it."""
    run(store, create(student("asmith")))
    account = by_name(store)["asmith"]
    with store.run(SYNC) as writer:
        writer.set_credential(account.id, Credential("secret-verifier", must_change=True))
    assert by_name(store)["asmith"] == account._replace(version=2)
    assert list(store.outcomes(2)) == []
    with pytest.raises(StoreError, match="no account with the id 99"), store.run(SYNC) as writer:
        writer.set_credential(99, Credential("v"))


def test_shared_verifiers_have_references_of_their_own(store):
    """Each shared verifier gets another reference, which is not the verifier."""
    with store.run(SYNC) as writer:
        references = [writer.share_verifier("$argon2id$one"), writer.share_verifier("$argon2id$two")]
    assert references == ["shared:1", "shared:2"]


def test_an_empty_store_says_so(store):
    """A store is empty until it holds an account."""
    with store.view() as view:
        assert view.is_empty()
    run(store, create(student("asmith")))
    with store.view() as view:
        assert not view.is_empty()


def test_an_action_is_recorded_as_it_was_named(store):
    """The record keeps action, changed keys and reasons of each change."""
    run(store, create(student("a")))
    change = Change(Action.RESTORE, by_name(store)["a"], student("a", campus="N"), ("campus",), ("back", "again"))
    run(store, change)
    [outcome] = store.outcomes(2)
    assert (outcome.run, outcome.sequence) == (2, 1)
    assert outcome.change[3:] == (("campus",), ("back", "again"))
    assert outcome.change.action is Action.RESTORE
