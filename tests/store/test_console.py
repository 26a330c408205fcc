"""What the console keeps, on every store."""

from datetime import timedelta

import pytest

from connector.domain.console import (
    Administrator,
    AuditLine,
    Failures,
    Invitation,
    Preview,
    PreviewState,
    Role,
    Session,
)
from connector.store.console import RUNS
from connector.store.open import Reach, open_console_record
from tests.store.people import DAWN, create, run, student, undo

HOUR = timedelta(hours=1)
JO = Administrator("Jo Lee", Role.OPERATOR, "$argon2id$1", DAWN)
VI = Administrator("vi", Role.VIEWER, "$argon2id$2", DAWN)
SHOWN = Preview(
    id="p1",
    owner="Jo Lee",
    made_at=DAWN,
    command="apply",
    plan='{"a": "é"}',
    options={"usernames": {"method": "student_code"}},
    back="/synchronise",
    outcome={"matched": 3},
    left_out=frozenset({1, 7}),
    accepted=frozenset({"max-renames"}),
)


@pytest.fixture
def record(store, address, clock):  # noqa: ARG001 - the store is made first
    """The console's record of the same store; its connections are kept until the end."""
    opened = open_console_record(address.url, clock, Reach(address.schema, key_file=address.key_file))
    yield opened
    opened._engine.dispose()


def session(key, name="Jo Lee", started=DAWN, seen=DAWN):
    """A session."""
    return Session(key, name, Role.OPERATOR, started, seen)


def test_administrators_are_known_by_their_name_in_any_case(record):
    """One entry a name, whatever its capitals; a new one takes the place of the old."""
    assert [record.put_administrator(one) for one in (VI, JO)] == [True, True]
    assert record.administrators() == [JO, VI]
    assert record.administrator("JO LEE") == JO
    assert record.put_administrator(JO._replace(name="JO lee", role=Role.VIEWER)) is False
    assert [one.role for one in record.administrators()] == [Role.VIEWER, Role.VIEWER]
    record.drop_administrator("VI")
    assert record.administrator("vi") is None


def test_an_invitation_is_used_once_and_in_time(record):
    """It adds its administrator once, and nobody after its hour."""
    for key in ("k1", "k2"):
        record.invite(Invitation(key, Role.OPERATOR, "the terminal", DAWN + HOUR))
    assert record.invitation("k1", DAWN).by == "the terminal"
    assert record.invitation("k1", DAWN + HOUR) is None
    assert record.join("k1", JO) is True
    assert record.join("k1", VI) is False
    assert record.join("k2", VI._replace(since=DAWN + HOUR)) is False
    assert record.administrators() == [JO]


def test_sessions_end_with_their_person_and_their_time(record):
    """A session is moved on by a click, ends by its key, with its person, or by age."""
    for key, name in (("a", "Jo Lee"), ("b", "vi"), ("c", "Jo Lee")):
        record.begin_session(session(key, name))
    record.touch_session("a", DAWN + HOUR)
    assert record.session("a") == session("a", seen=DAWN + HOUR)
    record.end_sessions_before(DAWN - HOUR, DAWN + HOUR)
    assert [record.session(key) is None for key in "abc"] == [False, True, True]
    record.put_administrator(JO)
    assert record.session("a") is None
    record.begin_session(session("d"))
    record.end_session("d")
    assert record.session("d") is None


def test_failures_are_counted_under_each_key_and_forgotten(record):
    """Counts go up together, begin anew after a while, and end with a success."""
    record.count_failure(["name jo", "address 1"], DAWN, DAWN - HOUR)
    record.count_failure(["name jo"], DAWN + HOUR / 2, DAWN - HOUR / 2)
    assert record.failures(["name jo", "address 1", "name al"]) == {
        "name jo": Failures(2, DAWN + HOUR / 2),
        "address 1": Failures(1, DAWN),
    }
    record.count_failure(["name jo"], DAWN + 3 * HOUR, DAWN + 2 * HOUR)
    assert record.failures(["name jo", "address 1"]) == {"name jo": Failures(1, DAWN + 3 * HOUR)}
    record.forget_failures(["name jo"])
    assert record.failures(["name jo"]) == {}


def test_the_audit_comes_newest_first_in_parts(record):
    """Lines keep their order, and older ones are reached by number."""
    lines = [AuditLine(DAWN, "Jo Lee", "127.0.0.1", f"action {number}", "subject", "done") for number in range(5)]
    for line in lines:
        record.audit(line)
    newest = record.audit_lines(2)
    assert [line for _number, line in newest] == [lines[4], lines[3]]
    assert [line for _number, line in record.audit_lines(9, newest[-1][0])] == [lines[2], lines[1], lines[0]]


def test_a_preview_comes_back_whole_and_its_plan_when_asked(record):
    """Everything but the plan's text comes at once; old previews go when a new one is kept."""
    record.put_preview(SHOWN, DAWN - HOUR)
    assert record.preview("p1") == SHOWN._replace(plan="")
    assert record.preview_plan("p1") == SHOWN.plan
    record.put_preview(SHOWN._replace(id="p2", made_at=DAWN + 3 * HOUR), DAWN + HOUR)
    assert record.preview("p1") is None
    assert record.preview_plan("p1") == ""


def test_a_preview_is_taken_by_one(record):
    """Open, taken, and open again or done; nothing else moves it."""
    record.put_preview(SHOWN, DAWN - HOUR)
    assert record.leave_out("p1", {2}, set()) is True
    assert record.take_preview("p1", "print") is True
    assert record.take_preview("p1", "print") is False
    assert record.leave_out("p1", {3}, set()) is False
    record.give_back_preview("p1", "it was stale")
    found = record.preview("p1")
    assert (found.state, found.told, found.left_out) == (PreviewState.OPEN, "it was stale", {2})
    assert record.take_preview("p1", "print") is True
    record.finish_preview("p1", 7, "")
    assert (record.preview("p1").state, record.preview("p1").run) == (PreviewState.DONE, 7)
    record.give_back_preview("p1", "too late")
    assert record.preview("p1").state is PreviewState.DONE


def test_a_run_shows_in_the_latest(record, store):
    """What tells that accounts have changed moves with every run."""
    assert record.latest_runs(5) == ()
    run(store, create(student("a")))
    first = record.latest_runs(5)
    run(store, create(student("b")))
    assert [number for number, _finished in record.latest_runs(5)] == [2, 1]
    assert record.latest_runs(5)[1:] == first


def test_runs_are_read_some_at_a_time(record, store):
    """Every run once, the newest first, from any place; one by its number; and what undid it."""
    for number in range(RUNS + 3):
        run(store, create(student(f"a{number}")))
    undo(store, 2)
    total = RUNS + 4
    assert record.run_total() == total
    assert [one.number for one in record.newest_runs()] == list(range(total, 0, -1))
    assert [one.number for one in record.newest_runs(total - 2)] == [2, 1]
    assert list(record.newest_runs(total)) == []
    assert record.run(3) == next(one for one in store.runs() if one.number == 3)
    assert record.run(total + 1) is None
    assert record.undone_by([1, 2, 3]) == {2: total}
