"""More than one at a time: administrators, clicks, what goes on beside the console, and its own end."""

import time
from threading import Barrier, Event, Thread

import pytest

from connector.console.work import Works
from connector.services.accounts import edit_plan
from connector.services.options import edit_from_json
from connector.settings.mapping_edit import write_mapping
from connector.store.lock import run_lock
from tests.console.test_synchronise import CODES, NAMES, preview, rules, synchronise
from tests.console.visits import Office


def at_once(*tasks):
    """Do these at the same moment, each in a thread of its own."""
    ready = Barrier(len(tasks))

    def begin(task):
        ready.wait()
        task()

    threads = [Thread(target=begin, args=(task,)) for task in tasks]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def commands(school):
    """The commands of the runs there are, the newest first."""
    return [run.command for run in school.built().store.runs()]


def test_two_administrators_who_press_the_button_together(office, operator):
    """One preview sent from two browsers at the same moment is one run, and both are led to it."""
    other = office.operator("Al Ways")
    preview(operator)
    other.open(operator.path)
    at_once(lambda: synchronise(operator), lambda: synchronise(other))
    assert ["This is run 1" in one.words for one in (operator, other)] == [True, True]
    assert commands(office.school) == ["apply"]
    assert office.school.usernames() == CODES


def test_a_second_click_while_work_goes_on_leads_to_the_same_work():
    """What is going on is not begun again; once it has ended, a click begins it anew."""
    tokens, go_on, begun = iter("abc"), Event(), []
    works = Works(lambda: next(tokens))

    def task(work, _progress):
        begun.append(work.id)
        go_on.wait()
        return "/"

    first, second = (works.begin("plan", "Jo Lee", "Making the preview", "/", task) for _click in range(2))
    assert first is second
    go_on.set()
    while not first.ended:
        time.sleep(0.001)
    third = works.begin("plan", "Jo Lee", "Making the preview", "/", task)
    while not third.ended:
        time.sleep(0.001)
    assert begun == ["a", "b"]


def test_two_administrators_with_other_options(office, operator):
    """Whose options are no longer those of the mapping file is told; the other's stay, and nobody is renamed."""
    other = office.operator("Al Ways")
    preview(operator, method="initial_surname", case="title")
    office.later(seconds=1)
    preview(other, prefix="st")
    synchronise(operator)
    kept = rules(office.school)
    assert "The mapping file was changed since this preview was made" in synchronise(other).words
    assert rules(office.school) == kept
    assert office.school.usernames() == NAMES


def test_two_who_undo_the_same_run(office, operator):
    """A run is undone once: the second is told what is no longer true, and nothing else is changed."""
    other = office.operator("Al Ways")
    synchronise(preview(operator))
    for one in (operator, other):
        office.later(seconds=1)
        one.open("/runs/1")
        one.send("/runs/1/undo")
    synchronise(operator)
    synchronise(other)
    assert "The plan is stale" in other.words
    assert commands(office.school) == ["undo", "apply"]


def test_a_sync_that_goes_on_at_this_moment(school, operator):
    """While another run holds the store nothing is done; who holds it is told, and a second click works."""
    preview(operator)
    with run_lock(school.folder / "trackone.db", "sync", school.now):
        synchronise(operator)
    assert "run lock held by" in operator.words
    assert "(sync, since" in operator.words
    assert commands(school) == []
    assert "4 accounts created." in synchronise(operator).words


def test_an_account_that_somebody_changed_in_between(office, operator):
    """What was edited since the preview stops it whole and is named; the preview made again goes on."""
    school = office.school
    synchronise(preview(operator))
    preview(operator, method="initial_surname", case="title", overwrite="1")
    school.apply(edit_plan(school.built(), ["S0102"], lambda one: one._replace(locked_out=True)))
    synchronise(operator, {"accept": ["max-renames"]})
    assert "The plan is stale: 1 of its rows" in operator.words
    assert "S0102" in operator.words
    assert school.usernames() == CODES
    office.later(seconds=1)
    preview(operator, method="initial_surname", case="title", overwrite="1")
    synchronise(operator, {"accept": ["max-renames"]})
    assert school.usernames() == NAMES


@pytest.mark.parametrize("button", [("what", "archive"), ("what", "disapprove")])
def test_a_session_that_ended_before_an_edit_was_sent(office, operator, button):
    """An edit sent after the session ended does nothing; signing in leads back to the account."""
    synchronise(preview(operator))
    operator.open("/users")
    operator.open("/users/1")
    office.later(hours=1)
    operator.send("/edit", button=button)
    assert "signed out before this was sent" in operator.words
    assert operator.sign_in().path == "/users/1"
    assert commands(office.school) == ["apply"]


def test_a_session_that_ended_before_a_password_was_sent(office, operator):
    """A new password sent after the session ended is not set, and stands in no address."""
    synchronise(preview(operator))
    operator.open("/users/1")
    office.later(hours=1)
    sent = {"password": "blue giraffe", "again": "blue giraffe"}
    answer = operator.send("/password", sent, wait=False)
    assert answer.status_code == 303
    assert "giraffe" not in answer.headers["Location"]
    assert office.school.accounts()["S0101"]["override_network_authentication"] is False


def test_what_became_of_a_run_is_in_the_audit(office, operator):
    """Begun and done, or not done and why: each with who and from where."""
    other = office.operator("Al Ways")
    preview(operator)
    office.later(seconds=1)
    preview(other)
    synchronise(operator)
    synchronise(other)
    lines = [line for _number, line in office.room.record.audit_lines(20) if line.action == "apply"]
    assert [(line.who, line.address, line.result.partition(";")[0]) for line in reversed(lines)] == [
        ("Jo Lee", "127.0.0.1", "begun: 4 changes"),
        ("Jo Lee", "127.0.0.1", "done: run 1"),
        ("Al Ways", "127.0.0.1", "begun: 4 changes"),
        ("Al Ways", "127.0.0.1", "not done: The plan is stale: 4 of its rows are no longer true"),
    ]


def test_options_that_were_kept_before_the_console_died_are_told(school, operator):
    """Between the options and the accounts there is a moment: a console that dies in it says so, and it can go on."""
    preview(operator, method="initial_surname", case="title")
    preview_id = operator.path.rpartition("/")[2]
    again = Office(school)
    room, kept = again.room, again.room.previews.find(preview_id)
    room.record.take_preview(preview_id, room.previews.held(preview_id).plan.fingerprint)
    write_mapping(school.folder / "students.toml", edit_from_json(kept.options), school.now)
    visit = again.visit()
    visit.open(operator.path)
    visit.sign_in()
    assert "The mapping file has the new options already" in visit.words
    assert school.accounts() == {}
    assert "4 accounts created." in synchronise(visit).words
    assert school.usernames() == NAMES
