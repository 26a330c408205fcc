"""The health page: what can be reached, what ran, what was refused."""

from connector.bootstrap import build_journal
from connector.domain.operation import Attempt, Ending


def look(visit):
    """Press the button."""
    visit.open("/health")
    return visit.send("")


def test_a_look_says_what_was_seen(operator):
    """SIS and store are reached, and the page says what is in them."""
    look(operator)
    assert operator.path == "/health"
    assert "4 rows, 4 active" in operator.words
    assert "Not well" not in operator.words


def test_a_fault_names_the_file_and_the_next_step(school, operator):
    """A SIS file that is gone is not well, by name."""
    (school.folder / "students.csv").unlink()
    look(operator)
    assert "Not well" in operator.words
    assert "students.csv" in operator.words


def test_a_refused_sync_leads_to_its_preview(office, operator):
    """The newest attempt that the guard refused is told with its codes, until one succeeds after it."""
    room = office.room
    journal = build_journal(room.school.settings, room.clock)
    now = room.clock()
    journal.note(Attempt(now, now, "schedule", "cron", Ending.REFUSED, refused=("max-archives",)))
    operator.open("/health")
    assert "the guard refused the sync" in operator.words
    assert "max-archives" in operator.words
    office.later(minutes=5)
    later = room.clock()
    journal.note(Attempt(later, later, "schedule", "cron", Ending.DONE, counts={"create": 1}))
    operator.open("/health")
    assert "the guard refused the sync" not in operator.words


def test_the_last_synchronise_is_named(school, operator):
    """After a synchronise the page says when the accounts were last right."""
    assert "No synchronise has been done yet" in operator.open("/health").words
    school.sync()
    assert "last brought in line" in operator.open("/health").words
