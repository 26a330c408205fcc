"""Bulk User Synchronise from the form to the undo, and what may happen in between."""

import json
import re
import sqlite3
from pathlib import Path

import pytest

from connector.domain.plan import Action
from tests.cli.command import in_memory, trackone
from tests.console.conftest import PEOPLE, RULES
from tests.console.visits import HOST, Office
from tests.services.school import School, chain, row

CODES = {"S0101": "S0101", "S0102": "S0102", "S0103": "S0103", "S0104": "S0104"}
NAMES = {"S0101": "AQuillfeather", "S0102": "AQuillfeather2", "S0103": "BNguyenashworth", "S0104": "ZBronte"}


def preview(visit, **change):
    """The preview of the form with these fields changed."""
    visit.open("/synchronise")
    return visit.send("/synchronise/preview", change)


def synchronise(visit, change=None):
    """Send the preview's form with its button."""
    return visit.send("", change, button=("do", "synchronise"))


def rules(school):
    """The mapping file as it stands."""
    return (school.folder / "students.toml").read_text()


def test_from_the_form_to_the_undo(school, operator):
    """The form makes a preview, the preview a run, and the run can be undone: the whole path."""
    assert "4 students read. 4 accounts to create." in preview(operator).words
    assert school.accounts() == {}
    assert "4 accounts created." in synchronise(operator).words
    assert school.usernames() == CODES
    assert "Undo of run 1: 4 accounts to remove." in operator.send("/runs/1/undo").words
    assert school.usernames() == CODES
    assert "4 removed" in synchronise(operator).words or "4 accounts removed" in operator.words
    assert school.accounts() == {}


def test_the_run_says_who_and_from_where(school, operator):
    """A run of the console is recorded under the administrator's name."""
    synchronise(preview(operator))
    run = school.built().store.runs()[0]
    assert (run.command, run.origin, run.actor) == ("apply", "console", "Jo Lee")


def test_the_options_are_kept_with_the_run_and_comments_stay(school, operator):
    """Synchronise writes the form's options into the mapping file; the rest of it is as it was."""
    preview(operator, method="initial_surname", case="title", overwrite="1", all_years=[], year=["7", "8", "12"])
    assert rules(school) == RULES
    synchronise(operator)
    text = rules(school)
    assert [line for line in text.splitlines() if line.startswith("#")] == RULES.splitlines()[:1]
    assert 'year_levels = ["7-8", "12"]' in text
    assert "overwrite = true  # for now" in text
    assert 'method = "initial_surname"' in text
    assert len(list((school.folder / ".history").iterdir())) == 1
    assert set(school.usernames()) == {"S0101", "S0102", "S0103"}


@pytest.mark.parametrize(("method", "begins"), [("none", ""), ("random", "hmac-sha512$")])
def test_new_accounts_get_their_passwords_by_the_new_options(school, operator, method, begins):
    """The password method chosen in the form counts for the accounts of the same run."""
    synchronise(preview(operator, passwords=method, method="initial_surname"))
    with sqlite3.connect(school.folder / "trackone.db") as connection:
        verifiers = [row[0] for row in connection.execute("SELECT verifier FROM accounts")]
    assert [one[: len(begins)] if begins else one for one in verifiers] == [begins] * 4


def test_a_preview_that_changes_no_option_leaves_the_file_alone(school, operator):
    """No option changed: the mapping file is not touched."""
    synchronise(preview(operator))
    assert rules(school) == RULES
    assert not (school.folder / ".history").exists()


def test_a_run_that_is_refused_leaves_the_options_as_they_were(school, operator):
    """What cannot be applied is not kept either."""
    preview(operator, method="initial_surname")
    school.apply(school.plan())
    assert "The plan is stale" in synchronise(operator).words
    assert rules(school) == RULES
    assert school.usernames() == CODES


def test_examples_that_the_options_break_are_told(school, operator):
    """The mapping file's own examples may not fit the new options: the preview says how many before it is done."""
    example = '[[example]]\ngiven = { sis_code = "S1", given_names = "A", family_name = "B" }\n'
    school.rules(f'{RULES}{example}expect = {{ username = "S1" }}\n')
    assert "not hold with these options" not in preview(operator).words
    assert "1 example in the mapping file does not hold" in preview(operator, method="initial_surname").words


def test_a_mapping_file_edited_meanwhile_stops_it(school, operator):
    """A preview made with other rules than the file now has does nothing and writes nothing."""
    preview(operator, overwrite="1")
    edited = RULES.replace("student_code", "initial_surname")
    (school.folder / "students.toml").write_text(edited)
    assert "The mapping file was changed since this preview was made" in synchronise(operator).words
    assert rules(school) == edited
    assert school.accounts() == {}


@pytest.mark.parametrize(
    ("options", "said", "expected"),
    [
        ({"method": "student_code"}, "", CODES),
        ({"method": "initial_surname", "case": "title"}, 'case = "title"', NAMES),
    ],
)
def test_the_console_gives_what_the_command_line_gives(options, said, expected):
    """The guide's steps with a method give exactly the accounts that `trackone sync` gives with the same options."""
    exports = []
    for by_console in (True, False):
        with in_memory() as folder:
            school = School(Path(folder), RULES)
            school.write(PEOPLE)
            if by_console:
                synchronise(preview(Office(school).operator(), **options))
                assert said in rules(school)
            else:
                text = RULES.replace("student_code", options["method"])
                school.rules(text.replace("[passwords]", f"{said}\n[passwords]"))
                assert trackone("sync", folder=school.folder).code == 0
            exports.append(trackone("accounts", "export", "--format", "json", folder=school.folder).out)
    assert exports[0] == exports[1]
    assert {one["sis_code"]: one["username"] for one in json.loads(exports[0])} == expected


def test_a_row_that_is_left_out_is_not_done(school, operator):
    """A tick taken away leaves that row out, and only that one; it can be done another time."""
    preview(operator)
    places = dict(re.findall(r'value="(\d+)" checked aria-label="Create (\w+)"', operator.text))
    place = next(number for number, name in places.items() if name == "S0103")
    synchronise(operator, {"take": [number for number in places if number != place]})
    assert "3 accounts created" in operator.words
    assert set(school.usernames()) == {"S0101", "S0102", "S0104"}
    assert "1 account to create" in preview(operator).words


def test_choices_stay_over_pages_and_filters(school, operator):
    """What was left out under one filter stays left out under another."""
    preview(operator)
    operator.send("", {"take": ["1", "2", "3"]}, button=("do", "keep"))
    assert "Your choices are kept." in operator.words
    operator.open(f"{operator.path}?kind=create&q=S0104")
    synchronise(operator)
    assert len(school.usernames()) == 3


def test_a_name_that_a_left_out_row_would_free_is_left_out_too(office, operator):
    """Leaving out a rename leaves out who was to get the name; nothing is done before that was seen."""
    school = office.school
    school.apply(school.plan())
    preview_id = office.room.previews.put(chain(school, "S0101", "S0102", "new"), "rename", "Jo Lee", "/users")
    operator.open(f"/preview/{preview_id}")
    synchronise(operator, {"take": ["0"]})
    assert "they are left out too" in operator.words
    assert school.usernames() == CODES
    operator.open(f"/preview/{preview_id}")
    assert 'class="left-out"' in operator.text
    assert "0</b>" in operator.text.partition("data-once")[2][:80]


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 rule of the mapping file gives"), (2, "2 rules of the mapping file give")]
)
def test_the_form_tells_of_the_rules_of_the_mapping_file(school, operator, count, said):
    """What the form does not show of the mapping file is told, one rule in the singular."""
    rule = '[[roles.rule]]\nname = "%d"\nwhen = { year = "7" }\ngrant = ["Student Portal"]\n'
    school.rules(RULES + "".join(rule % number for number in range(count)))
    assert said in operator.open("/synchronise").words


def test_the_guard_must_be_accepted_by_hand(school, operator):
    """A refused plan does nothing until its refusal is accepted, and the run says what was."""
    school.rules('[scope]\noverwrite = true\n[usernames]\nmethod = "student_code"\n')
    school.apply(school.plan())
    school.write([{**one, "status": "left"} for one in PEOPLE])
    preview(operator)
    assert "Refused by the guard: max-archives" in operator.words
    synchronise(operator)
    assert "The guard refuses this plan, so nothing was done." in operator.words
    assert not any(one["archived"] for one in school.accounts().values())
    codes = re.findall(r'name="accept" value="([\w-]+)"', operator.text)
    operator.send("", {"accept": codes}, button=("do", "keep"))
    assert "Allowed by the guard, because this was accepted: max-archives" in operator.words
    synchronise(operator, {"accept": codes})
    assert "4 accounts archived" in operator.words
    assert set(school.built().store.runs()[0].accepted) == set(codes)


def test_a_double_click_does_it_once(school, operator):
    """The same form sent twice makes one run."""
    preview(operator)
    first = operator.send("", button=("do", "synchronise"), wait=False)
    second = operator.send("", button=("do", "synchronise"), wait=False)
    assert {first.status_code, second.status_code} == {303}
    operator.open(first.headers["Location"])
    assert "This is run 1" in operator.words
    assert [run.command for run in school.built().store.runs()] == ["apply"]


def test_the_back_button_does_nothing_twice(school, operator):
    """A page of a preview that is done, sent again, leads to what was done."""
    preview(operator)
    shown = operator.page
    synchronise(operator)
    operator.page = shown
    synchronise(operator)
    assert "This is run 1" in operator.words
    assert len(school.built().store.runs()) == 1


def test_a_session_that_ended_in_mid_form_does_nothing_and_keeps_the_form(office, operator):
    """Sent after the session ended, the form does nothing; signing in brings it back as it was filled."""
    operator.open("/synchronise")
    office.later(hours=1)
    operator.send(
        "/synchronise/preview", {"method": "initial_surname", "prefix": "st", "year": ["7"]}, drop=("all_years",)
    )
    assert "signed out before this was sent" in operator.words
    operator.sign_in()
    assert operator.path == "/synchronise"
    assert '<option value="initial_surname" selected>' in operator.text
    assert 'name="prefix" value="st"' in operator.text
    assert office.school.built().store.runs() == []


def test_a_session_that_ended_in_a_preview_does_nothing(office, operator):
    """The same for Synchronise: after signing in the preview is there, undone."""
    preview(operator)
    path = operator.path
    office.later(hours=1)
    synchronise(operator)
    operator.sign_in()
    assert operator.path == path
    assert office.school.accounts() == {}


def test_two_administrators_at_one_preview(office, operator):
    """Choices made in one window do not slip into what another window shows."""
    other = office.operator("Al Ways")
    preview(operator)
    other.open(operator.path)
    operator.send("", {"take": ["1", "2", "3"]}, button=("do", "keep"))
    synchronise(other)
    assert "changed from another window" in other.words
    assert office.school.accounts() == {}
    synchronise(other)
    assert len(office.school.accounts()) == 3


def test_two_previews_of_one_school(office, operator):
    """The second of two administrators is told what is no longer true, and nothing is done twice."""
    other = office.operator("Al Ways")
    preview(operator)
    office.later(seconds=1)
    preview(other)
    synchronise(operator)
    assert "The plan is stale: 4 of its rows are no longer true" in synchronise(other).words
    assert len(office.school.built().store.runs()) == 1


def test_a_sync_by_schedule_in_between(school, operator):
    """What a scheduled sync did since the preview is seen, and the preview does nothing on top."""
    preview(operator)
    school.pass_time(minutes=5)
    assert school.sync().run == 1
    assert "The plan is stale" in synchronise(operator).words
    assert len(school.built().store.runs()) == 1


def test_an_old_preview_expires(office, operator):
    """A preview is good for the plan's life only."""
    preview(operator)
    path = operator.path
    office.later(hours=25)
    operator.sign_in()
    operator.open(path)
    assert "plans expire" in synchronise(operator).words
    assert office.school.accounts() == {}


def test_a_preview_outlives_the_console(school, operator):
    """After a restart the preview is there still, checked against its signature, and can be done."""
    preview(operator)
    again = Office(school).visit()
    again.open(operator.path)
    again.sign_in()
    assert "4 accounts created." in synchronise(again).words


def test_a_preview_that_was_changed_in_the_store_is_refused(school, operator):
    """A plan that is not what was sealed does nothing."""
    preview(operator)
    plan = Office(school).room.record.preview_plan(operator.path.rpartition("/")[2])
    for other, said in (
        (plan.replace("S0101", "S9999"), "the plan cannot be applied"),
        ("bm8gcGxhbg==", "the preview's plan is damaged"),
    ):
        with sqlite3.connect(school.folder / "trackone.db") as connection:
            connection.execute("UPDATE console_previews SET plan = ?", (other,))
        again = Office(school).visit()
        again.open(operator.path)
        again.sign_in()
        assert said in again.words.replace("&#39;", "'")
        assert school.accounts() == {}


def test_a_console_stopped_in_mid_run_tells_what_became_of_it(school, operator):
    """A preview left behind by a console that died says whether its run was done."""
    preview(operator)
    office = Office(school)
    plan = office.room.previews.held(operator.path.rpartition("/")[2]).plan
    office.room.record.take_preview(operator.path.rpartition("/")[2], plan.fingerprint)
    again = office.visit()
    again.open(operator.path)
    again.sign_in()
    assert "stopped before it was done; no account was changed." in again.words
    assert "mapping file has the new options already" not in again.words
    office.room.record.take_preview(operator.path.rpartition("/")[2], plan.fingerprint)
    school.apply(plan)
    assert "This is run 1" in again.open(operator.path).words


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"role": []}, "No user role is selected"),
        ({"all_years": [], "year": []}, "No year level is selected"),
        ({"prefix": "{nonsense}"}, "nonsense"),
        ({"passwords": "default"}, "default"),
    ],
)
def test_options_that_cannot_be_are_told(school, operator, change, said):
    """Wrong options come back with what is wrong, and the form as it was filled."""
    preview(operator, **change)
    assert operator.page.status_code == 400
    assert said in operator.words
    assert rules(school) == RULES


def test_the_example_follows_the_options(operator):
    """The line under the method shows a real student's username."""
    answer = operator.client.get(
        "/synchronise/example?full=1&all_years=1&method=surname_dot_given&suffix=.s&role=Student+Security",
        base_url=HOST,
    )
    assert answer.json == {"example": "Amelia Rose Quillfeather, S0101, Year 7 → quillfeathe.amelia.s"}


def test_the_preview_shows_who_gets_no_account(school, operator):
    """Skips have their reason in words, and can be searched."""
    school.write([*PEOPLE, row("S0105", "李", "王")])
    preview(operator, method="initial_surname")
    operator.open(f"{operator.path}?kind=skip&q=S0105")
    assert "S0105" in operator.words
    assert "S0101" not in operator.words


@pytest.mark.parametrize(("form", "kind"), [("csv", "text/csv"), ("json", "application/json"), ("html", "text/html")])
def test_the_plan_is_downloaded_without_what_was_left_out(operator, form, kind):
    """Each form of the plan holds what Synchronise would do."""
    preview(operator)
    operator.send("", {"take": ["1", "2", "3"]}, button=("do", "keep"))
    answer = operator.client.get(f"{operator.path}/plan.{form}", base_url=HOST)
    assert answer.content_type.startswith(kind)
    assert "attachment" in answer.headers["Content-Disposition"]
    if form == "json":
        assert len(answer.json["changes"]) == 3


def test_a_downloaded_plan_is_applied_by_the_command_line(school, operator):
    """The JSON plan is a plan file like any other."""
    preview(operator)
    answer = operator.client.get(f"{operator.path}/plan.json", base_url=HOST)
    (school.folder / "plan.json").write_bytes(answer.data)
    assert trackone("apply", "plan.json", folder=school.folder).code in (0, 4)


def test_every_kind_of_change_has_its_mark(operator):
    """A change is told by a word and a shape, never by colour alone."""
    preview(operator)
    assert f'<span aria-hidden="true">+</span>{Action.CREATE.capitalize()}' in operator.text
