"""Who gets a slip, what is kept of its password, and that nothing is set which was not handed over."""

import csv
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from connector.credentials import check
from connector.domain.errors import OperationError, SourceError, StoreError
from connector.services.accounts import approve, archive, disapprove, edit_plan, set_password
from connector.services.decision import Request
from connector.services.slips import issue, select
from connector.services.undo import undo_plan
from tests.services.school import AS_OF, COLUMNS, School, row, silent

ROWS = [
    row("S1", "Amelia", "Quillfeather", homegroup="7B", classes="7MAT1;7ENG2"),
    row("S2", "Bodhi", "Nguyen", homegroup="7A", classes="7MAT1"),
    row("S3", "Zoë", "Brontë", homegroup="7a"),
    row("S4", "Wei", "Wang", year_level="12", homegroup="12C"),
]
RULES = '[usernames]\nmethod = "initial_surname"\n[passwords]\nmethod = "random"\n'
FAST = "$argon2id$fake$"


class Slips:
    """A school whose first run created four accounts, with what it takes to print slips for them."""

    def __init__(self, folder):
        """Synchronise once; run 1 is the one with new accounts."""
        self.school = School(folder, RULES)
        config = folder / "connector.toml"
        columns = 'homegroup = "homegroup"\nclasses = "classes"\n[mapping]'
        config.write_text(config.read_text().replace("[mapping]", columns))
        self.write(ROWS)
        self.school.sync()
        self.printed, self.count = [], 0

    def write(self, rows):
        """Write an export that has home groups and classes."""
        with (self.school.folder / "students.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, (*COLUMNS, "homegroup", "classes"), restval="")
            writer.writeheader()
            writer.writerows(rows)

    def select(self, class_="", number=1, *, again=False):
        """Who would get one."""
        return select(self.school.built(), number, class_, Request(AS_OF, attended=True), again=again)

    def password(self):
        """The next password."""
        self.count += 1
        return f"kmwt-7hqf-{self.count:04}"

    def hashed(self, passwords, progress):
        """Verifiers that cost nothing: it is not the hash that is tried here."""
        progress(len(passwords))
        return [FAST + word for word in passwords]

    def issue(self, selection, hand_over=None):
        """Set the passwords and print the slips."""
        keep = hand_over or self.printed.extend
        return issue(self.school.built(), selection, self.password, self.hashed, keep, "test", "tester", silent)

    def credentials(self):
        """What the store keeps of each password, by SIS code."""
        with closing(sqlite3.connect(self.school.folder / "trackone.db")) as connection:
            found = connection.execute("SELECT sis_code, verifier, must_change, expires FROM accounts")
            return {code: tuple(rest) for code, *rest in found}

    def sign_in(self, code):
        """Somebody signs in for the first time."""
        with closing(sqlite3.connect(self.school.folder / "trackone.db")) as connection, connection:
            moment = self.school.now.isoformat()
            connection.execute("UPDATE accounts SET last_sign_in = ? WHERE sis_code = ?", (moment, code))


@pytest.fixture
def slips(tmp_path):
    """The school."""
    return Slips(tmp_path)


def codes(selection):
    """The SIS codes of those who get one, in the order of printing."""
    return [one.account.sis_code for one in selection.recipients]


def test_everybody_new_gets_one_by_year_and_class(slips):
    """Ordered by year, home group and name, so that a teacher hands out one pile."""
    selection = slips.select()
    assert codes(selection) == ["S2", "S1", "S3", "S4"]
    assert [one.group for one in selection.recipients] == [
        "Year 7 · 7A",
        "Year 7 · 7B",
        "Year 7 · 7a",
        "Year 12 · 12C",
    ]


@pytest.mark.parametrize(
    ("class_", "found"),
    [("7A", ["S3", "S2"]), ("7b", ["S1"]), ("7mat1", ["S2", "S1"]), ("7ENG2", ["S1"]), ("8X", [])],
)
def test_a_class_is_a_home_group_or_any_class(slips, class_, found):
    """Upper and lower case are one; the class asked for is what the slips say."""
    selection = slips.select(class_)
    assert codes(selection) == found
    assert {one.group for one in selection.recipients} <= {class_}
    assert selection.left_out.get(f"not in {class_}", 0) == 4 - len(found)


def test_a_password_is_kept_as_a_verifier_that_ends(slips):
    """It must be changed, lasts fourteen days, and is nowhere in the store in the clear."""
    printed = slips.issue(slips.select())
    assert printed == slips.printed
    kept = slips.credentials()
    for one in printed:
        verifier, must_change, expires = kept[one.recipient.account.sis_code]
        assert (verifier, must_change) == (FAST + one.password, 1)
        assert datetime.fromisoformat(expires) - slips.school.now == timedelta(days=14)
    (run, _) = slips.school.built().store.runs()
    assert (run.command, run.counts, run.summary["slips"]) == ("slips", {}, 1)
    assert [one.password for one in printed if one.password in str(run)] == []


def test_a_slip_is_printed_once(slips):
    """Who has one gets no second, which would end the first; unless that is asked for."""
    slips.issue(slips.select("7A"))
    rest = slips.select()
    assert (codes(rest), rest.left_out) == (["S1", "S4"], {"have a slip of run 2": 2})
    before = slips.credentials()
    slips.issue(slips.select(again=True))
    assert [code for code, kept in slips.credentials().items() if kept == before[code]] == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [(archive, "archived"), (disapprove, "not approved")],
)
def test_an_account_out_of_use_gets_none(slips, change, reason):
    """Nobody could sign in with it."""
    slips.school.apply(edit_plan(slips.school.built(), ["S1"], change), command="accounts edit")
    selection = slips.select()
    assert ("S1" in codes(selection), selection.left_out) == (False, {reason: 1})


def test_who_signed_in_gets_none(slips):
    """Their password is their own by now, even with --again."""
    slips.sign_in("S1")
    assert slips.select(again=True).left_out == {"signed in already": 1}


def test_a_password_set_by_hand_is_not_taken_away(slips):
    """Whoever was given one keeps it, unless a new one is asked for."""
    set_password(slips.school.built(), "S1", "$argon2id$by-hand", "test", "tester")
    assert slips.select().left_out == {"have a password set by hand in run 2": 1}
    assert "S1" in codes(slips.select(again=True))


def test_who_is_changed_meanwhile_is_left_as_they_are(slips):
    """Between the look and the setting somebody signed in and somebody was archived: both keep what they had."""
    selection = slips.select()
    before = slips.credentials()
    slips.sign_in("S1")
    slips.school.apply(edit_plan(slips.school.built(), ["S2"], archive), command="accounts archive")
    assert [one.recipient.account.sis_code for one in slips.issue(selection)] == ["S3", "S4"]
    assert [code for code in ("S1", "S2") if slips.credentials()[code] != before[code]] == []


def test_nothing_is_set_that_was_not_handed_over(slips):
    """When the slips cannot be printed, every account keeps its password and no run is recorded."""
    before = slips.credentials()

    def jammed(_printed):
        raise OperationError("no paper")

    with pytest.raises(OperationError, match="no paper"):
        slips.issue(slips.select(), jammed)
    assert slips.credentials() == before
    assert len(slips.school.built().store.runs()) == 1


def test_without_the_sis_slips_go_by_year(slips):
    """The classes are in the SIS alone: without it they are left out with a word, and cannot be asked for."""
    (slips.school.folder / "students.csv").unlink()
    selection = slips.select()
    assert [one.group for one in selection.recipients] == ["Year 7", "Year 7", "Year 7", "Year 12"]
    assert selection.note.startswith("The classes are not known: ")
    with pytest.raises(SourceError):
        slips.select("7A")


@pytest.mark.parametrize(
    ("number", "error", "said"), [(9, StoreError, "There is no run 9"), (2, OperationError, "created no account")]
)
def test_a_run_without_new_accounts_has_no_slips(slips, number, error, said):
    """It is said at once, before anything is made."""
    slips.school.apply(edit_plan(slips.school.built(), ["S1"], lambda one: approve(disapprove(one))), command="x")
    slips.school.sync()
    with pytest.raises(error, match=said):
        slips.select(number=number)


def test_the_undo_of_a_run_keeps_accounts_that_have_a_slip(slips):
    """A password was handed out for them: they are archived and named, never removed."""
    slips.issue(slips.select("7A"))
    plan = undo_plan(slips.school.built(), 1)
    assert sorted((one.action.value, one.sis_code) for one in plan.changes) == [
        ("archive", "S2"),
        ("archive", "S3"),
        ("remove", "S1"),
        ("remove", "S4"),
    ]


def test_the_real_verifier_knows_its_password(slips):
    """What the command sets by argon2id is what is printed."""
    from connector.credentials import verifiers  # noqa: PLC0415 - the others do without its cost

    selection = slips.select("12C")
    (one,) = issue(
        slips.school.built(), selection, slips.password, verifiers, slips.printed.extend, "test", "tester", silent
    )
    assert check(slips.credentials()["S4"][0], one.password, b"")
