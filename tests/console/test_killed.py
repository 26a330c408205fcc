"""The console's process ended in the middle of a synchronise: by a service manager, or at once."""

import random
import sqlite3
import time
from collections import Counter

import pytest

from bench import people
from tests.console.browser import join, served
from tests.services.school import CONFIG

pytestmark = [pytest.mark.browser, pytest.mark.slow]

STUDENTS = 3_000
RULES = '[usernames]\nmethod = "student_code"\n[passwords]\nmethod = "none"\n'
NOTHING = "The console was stopped before it was done; no account was changed."
DONE = "It was done whole."


@pytest.fixture
def school(tmp_path):
    """Some thousand students without an account."""
    columns = "\n".join(f'{name} = "{name}"' for name in people.HEADER)
    (tmp_path / "connector.toml").write_text(CONFIG.format(columns=columns, more=""))
    (tmp_path / "students.toml").write_text(RULES)
    people.write(tmp_path / "students.csv", STUDENTS)
    return tmp_path


def stored(folder):
    """How many accounts there are, and how many runs."""
    with sqlite3.connect(folder / "trackone.db") as connection:
        return connection.execute("SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM runs)").fetchone()


def previewed(page, console):
    """Make the preview of everybody, with other options than the mapping file had at first."""
    page.goto(f"{console.address}/synchronise")
    page.get_by_label("Prepend text").fill("st")
    page.get_by_role("button", name="Preview").click()
    page.wait_for_url("**/preview/**")


def turned(page, console):
    """Make the preview of the opposite of what was just done."""
    undo = page.get_by_role("button", name="Undo this run")
    if not undo.count():
        return previewed(page, console)
    undo.click()
    return page.wait_for_url("**/preview/**")


def ended_in_the_run(page, console, how, after):
    """Press the button, end the process so many seconds after the run has taken its lock, start anew and look."""
    preview = page.url
    page.locator("[data-once]").click(no_wait_after=True)
    lock = console.folder / "trackone.db.lock.json"
    end = time.monotonic() + 15
    while not lock.exists() and time.monotonic() < end:
        time.sleep(0.001)
    time.sleep(after)
    getattr(console, how)()
    console.start()
    page.goto(preview)


def done(page):
    """Whether the page says that it was done; if it does not, it says that it was not."""
    told = page.locator("main").inner_text()
    assert (DONE in told) != (NOTHING in told)
    return DONE in told


def test_what_is_ended_in_the_run_is_done_whole_or_not_at_all(page, school):
    """Killed, then told to stop: each time the page says what became of it, and in the end it is done once."""
    with served(school) as console:
        join(page, console.link)
        previewed(page, console)
        for how in ("kill", "stop"):
            if page.locator("[data-once]").count():
                ended_in_the_run(page, console, how, 0.02)
            assert stored(school) == ((STUDENTS, 1) if done(page) else (0, 0))
        if not done(page):
            page.locator("[data-once]").click()
        page.get_by_text(DONE).wait_for()
        page.reload()
        assert done(page)
        assert stored(school) == (STUDENTS, 1)
        assert 'prefix = "st"' in (school / "students.toml").read_text()


@pytest.mark.long
def test_it_is_so_at_any_moment(page, school):
    """Sixty times, at another moment each: everybody or nobody has an account, and every run is there once."""
    draw = random.Random(2026)
    with served(school) as console:
        join(page, console.link)
        previewed(page, console)
        there, runs, outcomes = 0, 0, Counter()
        for _round in range(60):
            ended_in_the_run(page, console, draw.choice(("kill", "stop")), draw.uniform(0, 0.5))
            outcomes[done(page)] += 1
            if done(page):
                there, runs = STUDENTS - there, runs + 1
            assert stored(school) == (there, runs)
            if done(page):
                turned(page, console)
        assert min(outcomes[True], outcomes[False]) > 5
