"""Syncs from a live SIS: what changed between two whole reads, and a store that stays free meanwhile."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from connector.bootstrap import build
from connector.domain.errors import SourceError
from connector.domain.ports import RunRequest
from connector.settings.load import load_settings
from connector.sources.oneroster_rest_bookmark import moment_of, read_bookmark
from tests.servers.oneroster import TOKEN, OneRoster, always
from tests.services.school import AS_OF, NOON, OVERWRITE, School
from tests.sources.same_school import PEOPLE, Person, oneroster_records

CONFIG = """
[school]
state = "QLD"
[sis]
reader = "oneroster-rest"
url = "{url}"
sis_code_from = "identifier"
[sis.connection]
auth = "bearer"
token = {{ env = "TOKEN" }}
full_every = "24h"
allow_plaintext = true
[mapping]
file = "students.toml"
"""
LATER = "2999-01-01T00:00:00.000Z"
HERE = [one for one in PEOPLE if one.status == "active" and one.code.startswith("T")]


class LiveSchool(School):
    """A school that reads a OneRoster service; `service.school` is what the SIS holds."""

    def __init__(self, folder: Path, service: OneRoster) -> None:
        super().__init__(folder, OVERWRITE)
        self.service = service
        (folder / "connector.toml").write_text(CONFIG.format(url=service.url), encoding="utf-8")

    def built(self):
        """The school's parts, with a clock and an environment of ours."""
        if self.parts is None:
            environ = {"TOKEN": TOKEN}
            settings = load_settings(self.folder / "connector.toml", environ)
            self.parts = build(settings, environ, lambda: self.now)
        return self.parts

    def change(self, code: str, **facts: str) -> None:
        """Change a student's record in the SIS, after everything that was read so far."""
        record = next(one for one in self.service.school["students"] if one["identifier"] == code)
        record.update(facts, dateLastModified=LATER)

    def filters(self) -> list[str]:
        """The filters of the students' pages since the last time."""
        asked = [query.get("filter", "") for _, path, query, _ in self.service.asked if path.endswith("/students")]
        self.service.asked.clear()
        return asked


@pytest.fixture
def school(tmp_path: Path) -> Iterator[LiveSchool]:
    """A school of sixty students after its first sync."""
    with OneRoster(deepcopy(oneroster_records("1.2", HERE))) as service:
        made = LiveSchool(tmp_path, service)
        assert made.sync().plan.counts.create == len(HERE)
        assert made.filters() == [""]
        yield made


def test_only_changes_are_read_the_second_time(school: LiveSchool) -> None:
    """The second read of a day asks for what changed; the others are left as they are, and nobody is missing."""
    school.change("T0003", givenName="Renamed")
    done = school.sync()
    (asked,) = school.filters()
    assert asked.startswith("dateLastModified>'")
    assert (done.plan.inputs["sis"]["rows"], done.plan.inputs["sis"]["delta"]) == (1, True)
    assert [change.sis_code for change in done.plan.changes] == ["T0003"]
    assert school.accounts()["T0003"]["given_names"] == "Renamed"
    assert len(school.accounts()) == len(HERE)


def test_the_filter_overlaps_the_last_read(school: LiveSchool) -> None:
    """What was written while the last read went on is asked for again, by the service's own clock."""
    with school.built().store.view() as accounts:
        _, _, text = (accounts.state("sis_bookmark") or "").partition(" ")
    bookmark = read_bookmark(text)
    assert bookmark is not None
    assert bookmark.since != NOON  # the service's clock is today's, ours is not
    school.sync()
    (asked,) = school.filters()
    moment = datetime.fromisoformat(asked.partition(">")[2].strip("'"))
    assert bookmark.since - moment == timedelta(minutes=5)


def test_a_new_day_reads_everything(school: LiveSchool) -> None:
    """The first read of a day is whole, so that dates that have come are acted on."""
    school.sync()
    school.pass_time(hours=13)
    done = school.sync(as_of=AS_OF + timedelta(days=1))
    assert school.filters()[-1] == ""
    assert (done.plan.inputs["sis"]["rows"], done.plan.inputs["sis"]["delta"]) == (len(HERE), False)


def test_other_rules_read_everything(school: LiveSchool) -> None:
    """With another mapping those who did not change are decided again too."""
    school.rules(OVERWRITE.replace("initial_surname", "student_code"))
    done = school.sync(accept=("mapping-changed",))
    assert school.filters() == [""]
    assert done.plan.inputs["sis"]["rows"] == len(HERE)
    assert [one.code for one in done.plan.findings] == ["drift"] * len(HERE)


def test_a_plan_for_a_person_reads_everything(school: LiveSchool) -> None:
    """Who looks at a plan sees the whole school, and after its apply changes are enough again."""
    plan = school.plan()
    assert plan.inputs["sis"]["delta"] is False
    school.apply(plan)
    school.sync()
    assert [bool(asked) for asked in school.filters()] == [False, True]


def test_after_an_undo_everything_is_read(school: LiveSchool) -> None:
    """What an undo took back is proposed again, although the SIS did not change."""
    school.change("T0003", givenName="Renamed")
    number = school.sync().run
    assert number is not None
    school.undo(number)
    done = school.sync()
    assert school.filters()[-1] == ""
    assert [change.sis_code for change in done.plan.changes] == ["T0003"]


def test_a_read_that_fails_moves_nothing(school: LiveSchool) -> None:
    """After a failed read the next one asks from where the last good one began."""
    with school.built().store.view() as accounts:
        before = accounts.state("sis_bookmark")
    school.service.mishap = always("orgs", "500")
    school.change("T0003", givenName="Renamed")
    with pytest.raises(SourceError, match="500 Internal Server Error"):
        school.sync()
    with school.built().store.view() as accounts:
        assert accounts.state("sis_bookmark") == before
    school.service.mishap = lambda _number, _collection: ""
    assert [change.sis_code for change in school.sync().plan.changes] == ["T0003"]


def test_a_deleted_student_is_told_by_a_change(school: LiveSchool) -> None:
    """A record marked tobedeleted archives its account, also where its roles are gone by then."""
    school.change("T0003", status="tobedeleted", roles=[])
    done = school.sync()
    assert [(str(change.action), change.sis_code) for change in done.plan.changes] == [("archive", "T0003")]


def test_the_store_is_free_while_the_sis_is_read(school: LiveSchool) -> None:
    """While a service takes its time, others can write to the store."""
    other = build(load_settings(school.folder / "connector.toml", {"TOKEN": TOKEN}), {"TOKEN": TOKEN}, lambda: NOON)
    runs: list[int] = []

    def meanwhile(_number: int, _collection: str) -> str:
        with other.store.run(RunRequest("accounts", "test", "another")) as writer:
            writer.close({}, {}, ())
            runs.append(writer.number)
        return ""

    school.service.mishap = meanwhile
    done = school.sync()
    assert runs == [2, 3, 4, 5]
    assert done.run == 6


def test_more_students_than_before(school: LiveSchool) -> None:
    """Who is new among the changes gets an account."""
    new = Person("x1", "X0001", "Nora", "New")
    (record,) = oneroster_records("1.2", [new])["students"]
    school.service.school["students"].append({**record, "dateLastModified": LATER})  # type: ignore[attr-defined] # a list
    assert school.sync().plan.counts.create == 1
    assert school.usernames()["X0001"] == "nnew"


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "nonsense", '{"whole": 1}', '{"whole": "2026-03-02", "since": "x"}']
)
def test_a_bookmark_that_is_none(text: str) -> None:
    """Whatever the store holds, a bookmark that cannot be read is none."""
    assert read_bookmark(text) is None


def test_the_moment_of_a_date_header() -> None:
    """The service's Date counts where it has one that can be read."""
    assert moment_of(format_datetime(NOON), NOON + timedelta(hours=3)) == NOON
    assert moment_of("yesterday", NOON) == NOON
