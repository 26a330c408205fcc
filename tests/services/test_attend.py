"""A sync as schedules do it: recorded, told, reported, and what is old forgotten; on a real school and store."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector.bootstrap import build_journal, build_operation
from connector.domain.errors import OperationError, SourceError, StoreError
from connector.domain.operation import Attempt, Ending
from connector.domain.ports import RunRequest
from connector.services.attend import attend, failed, occasion_of
from connector.services.decision import Request
from connector.services.undo import undo_plan
from connector.settings.load import load_settings
from tests.services.school import AS_OF, NOON, OVERWRITE, School, row, silent

ALL = frozenset({"changed", "refused", "failed", "recovered"})
DAY = timedelta(hours=24)
ROWS = [row(f"S{number}", f"Given{number}", f"Family{number}") for number in range(30)]


def attempt(ending, *, hours=0, told=False, refused=(), **counts):
    """An attempt that ended so many hours ago."""
    at = NOON - timedelta(hours=hours)
    return Attempt(at, at, "schedule", "tester", ending, counts=counts, refused=refused, told=at if told else None)


DONE, REFUSED, FAILED, BUSY = Ending.DONE, Ending.REFUSED, Ending.FAILED, Ending.BUSY
SHRINK, ARCHIVES = ("max-shrink",), ("max-archives",)


@pytest.mark.parametrize(
    ("now", "earlier", "occasion"),
    [
        (attempt(DONE, unchanged=9), [], ""),
        (attempt(DONE, create=1), [], "changed"),
        (attempt(DONE, skip=3), [attempt(DONE, hours=1)], ""),
        (attempt(FAILED), [], "failed"),
        (attempt(FAILED), [attempt(FAILED, hours=1, told=True)], ""),
        (attempt(FAILED), [attempt(FAILED, hours=1)], "failed"),
        (attempt(FAILED), [attempt(FAILED, hours=25, told=True)], "failed"),
        (attempt(FAILED), [attempt(FAILED, hours=h, told=h == 20) for h in range(1, 24)], ""),
        (attempt(FAILED), [attempt(DONE, hours=1), attempt(FAILED, hours=2, told=True)], "failed"),
        (attempt(REFUSED, refused=SHRINK), [attempt(FAILED, hours=1, told=True)], "refused"),
        (attempt(REFUSED, refused=SHRINK), [attempt(REFUSED, hours=1, told=True, refused=SHRINK)], ""),
        (attempt(REFUSED, refused=ARCHIVES), [attempt(REFUSED, hours=1, told=True, refused=SHRINK)], "refused"),
        (attempt(DONE), [attempt(REFUSED, hours=1, refused=SHRINK)], "recovered"),
        (attempt(DONE, create=1), [attempt(FAILED, hours=1)], "recovered"),
        (attempt(BUSY), [], ""),
    ],
)
def test_people_are_told_once_of_one_trouble(now, earlier, occasion):
    """Trouble is told when it begins, when it changes, after a day, and when it ends; a calm run never."""
    assert occasion_of(now, earlier, ALL, DAY) == occasion


@pytest.mark.parametrize(
    ("when", "occasion"), [({"changed"}, "changed"), ({"recovered"}, "recovered"), ({"failed"}, ""), (set(), "")]
)
def test_only_what_was_asked_for_is_told(when, occasion):
    """A run that is well again and changed accounts is told as whichever of the two was asked for."""
    now, earlier = attempt(DONE, create=1), [attempt(FAILED, hours=1)]
    assert occasion_of(now, earlier, frozenset(when), DAY) == occasion


class Post:
    """A way to tell that remembers; it is down when told to be."""

    def __init__(self):
        """Nothing was told yet."""
        self.notices, self.down = [], False

    def __call__(self, notice):
        """Take a notice."""
        if self.down:
            raise OperationError("the mail server did not take the notice")
        self.notices.append(notice)


class Office:
    """A school that is synchronised unattended, with the notices that were sent."""

    def __init__(self, folder, more=""):
        """Thirty students and nothing done yet."""
        self.school = School(folder, OVERWRITE, more)
        self.school.write(ROWS)
        self.post = Post()

    @property
    def operation(self):
        """What the settings make of it, with our own post."""
        settings = load_settings(self.school.folder / "connector.toml", {})
        built = build_operation(settings, {}, "trackone", lambda: self.school.now)
        return replace(built, deliver=(self.post,), when=ALL)

    def attend(self, as_of=AS_OF):
        """One sync; a minute passes."""
        self.school.pass_time(minutes=1)
        return attend(self.school.built(), self.operation, Request(as_of, attended=False), "schedule", "t", silent)

    @property
    def journal(self):
        """What was recorded."""
        return build_journal(load_settings(self.school.folder / "connector.toml", {}), lambda: self.school.now)


@pytest.fixture
def office(tmp_path):
    """The school."""
    return Office(tmp_path)


def test_a_sync_that_is_done_is_recorded_with_its_numbers(office):
    """The attempt names its run, what was done and what was found, and nobody."""
    ended = office.attend()
    assert (ended.error, ended.warnings) == (None, ())
    (kept,) = office.journal.attempts(9)
    assert kept == ended.attempt
    assert (kept.ending, kept.run, kept.counts) == (DONE, 1, {"create": 30})
    assert [notice.occasion for notice in office.post.notices] == ["changed"]
    assert kept.told == office.school.now


def test_a_refused_sync_is_recorded_and_told_and_writes_nothing(office):
    """The guard's code is in the record and in the notice; the accounts are as before."""
    office.attend()
    before = office.school.accounts()
    office.school.write(ROWS[:5])
    ended = office.attend()
    assert (ended.attempt.ending, ended.attempt.run, ended.attempt.refused) == (REFUSED, None, ("max-shrink",))
    assert office.school.accounts() == before
    notice = office.post.notices[-1]
    assert notice.occasion == "refused"
    assert "trackone sync --accept max-shrink" in notice.text
    assert office.journal.last(DONE).run == 1


def test_a_failed_sync_is_returned_recorded_and_told_once(office):
    """The error is handed back; the second failure of one kind is silent; the recovery is told."""
    office.attend()
    (office.school.folder / "students.csv").unlink()
    first, second = office.attend(), office.attend()
    assert isinstance(first.error, SourceError)
    assert first.attempt.message == first.error.message
    assert (first.attempt.told is None, second.attempt.told is None) == (False, True)
    office.school.write(ROWS)
    office.attend()
    assert [notice.occasion for notice in office.post.notices] == ["changed", "failed", "recovered"]
    assert office.journal.totals().endings == {"done": 2, "failed": 2}


def test_a_notice_that_did_not_arrive_is_sent_again(office):
    """A way that is down is a warning, the sync is as it is, and the next failure tries again."""
    (office.school.folder / "students.csv").unlink()
    office.post.down = True
    ended = office.attend()
    assert ended.warnings == ("the mail server did not take the notice",)
    office.post.down = False
    office.attend()
    assert [notice.occasion for notice in office.post.notices] == ["failed"]


class Unreadable:
    """A journal whose store is gone."""

    def attempts(self, *_):
        """It cannot be read, nor written."""
        raise StoreError("the store is gone")

    note = scrub = attempts


def test_trouble_with_the_store_itself_is_told_once_by_a_service(office):
    """The process that told it remembers it; one that is started anew each time tells it each time."""
    error = StoreError("the store is gone")
    operation = replace(office.operation, journal=Unreadable())
    first = failed(operation, lambda: office.school.now, NOON, error, "schedule", "t")
    assert first.warnings == ()  # it is the error itself
    failed(replace(operation, remembered=(first.attempt,)), lambda: office.school.now, NOON, error, "schedule", "t")
    assert len(office.post.notices) == 1
    failed(operation, lambda: office.school.now, NOON, error, "schedule", "t")
    assert len(office.post.notices) == 2


def test_a_sync_beside_another_run_is_left_out(office):
    """It waits for nobody, tells nobody and keeps no record, since the other has the store."""
    with office.school.built().store.run(RunRequest("sync", "test", "other")):
        ended = office.attend()
    assert ended.attempt.ending is BUSY
    assert "run lock held by pid" in ended.attempt.message
    assert (office.journal.attempts(9), office.post.notices) == ([], [])


def test_an_error_nobody_foresaw_is_told_without_its_words(office):
    """The kind and the place are said; the words may hold somebody's name."""
    try:
        raise KeyError("Amelia Quillfeather")
    except KeyError as error:
        ended = failed(office.operation, lambda: office.school.now, NOON, error, "schedule", "t")
    assert "KeyError" in ended.attempt.message
    assert "Amelia" not in str(ended.attempt) + str(office.post.notices)


def test_reports_lie_in_the_folder_of_runs_that_did_something(tmp_path):
    """A run with changes and a refusal leave a page each, a calm run none; old ones are deleted."""
    office = Office(tmp_path, '[run]\nreports = "reports"\n[retention]\nreports = "1d"\n')
    office.attend()
    office.attend()
    office.school.write(ROWS[:5])
    office.attend()
    names = sorted(file.name for file in (tmp_path / "reports").iterdir())
    assert names == ["refused-20260302T120300Z.html", "run-000001.html"]
    done, refused = ((tmp_path / "reports" / name).read_text("utf-8") for name in reversed(names))
    assert all(word in done for word in ("Given7", "<h1>Run 1</h1>", "30 accounts created", "trackone runs undo 1"))
    assert "Nothing is done yet" not in done
    assert "max-shrink" in refused
    office.school.now += timedelta(days=100_000)  # the files' own times are today's
    office.attend()
    assert [file.name[:8] for file in (tmp_path / "reports").iterdir()] == []


def test_an_old_run_loses_its_people_and_says_so(tmp_path):
    """After the time in [retention] names are gone from the record, undo refuses, and what is young can be undone."""
    office = Office(tmp_path, '[retention]\nruns = "30d"\n')
    office.attend()
    office.school.pass_time(days=20)
    office.school.write([*ROWS, row("S99", "Nina", "Newcomer")])
    office.attend()
    office.school.pass_time(days=15)
    office.attend()
    store = office.school.built().store
    assert {one.change.after.username for one in store.outcomes(1)} == {"(removed)"}
    with pytest.raises(StoreError, match="Run 1 cannot be undone"):
        undo_plan(office.school.built(), 1)
    assert office.school.undo(2).done == 1
    assert len(office.school.accounts()) == 30


def test_a_scrubbed_creation_stays_scrubbed_when_its_account_changes(tmp_path):
    """The first image that a change would keep is not put back into an old run; the change itself can be undone."""
    office = Office(tmp_path, '[retention]\nruns = "30d"\n')
    office.attend()
    office.school.pass_time(days=40)
    office.attend()
    office.school.write([{**ROWS[0], "family_name": "Other"}, *ROWS[1:]])
    office.attend()
    store = office.school.built().store
    assert {one.change.after.username for one in store.outcomes(1)} == {"(removed)"}
    before = office.school.accounts()["S0"]["family_name"]
    office.school.undo(3)
    assert (before, office.school.accounts()["S0"]["family_name"]) == ("Other", "Family0")


def test_retention_switched_off_keeps_everything(tmp_path):
    """Without a time nothing is ever removed."""
    office = Office(tmp_path, '[retention]\nruns = ""\n')
    office.attend()
    office.school.pass_time(days=4000)
    office.attend(date(2037, 1, 1))
    assert {one.change.after.username for one in office.school.built().store.outcomes(1)} != {"(removed)"}
