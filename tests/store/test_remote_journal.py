"""The file that says how far the runs have got at a service elsewhere."""

import pytest

from connector.domain.errors import StoreError
from connector.store.remote_journal import RemoteJournal


@pytest.fixture
def path(tmp_path):
    """Where a journal is to be."""
    return tmp_path / "state.db.pushed"


def test_what_was_noted_is_known_again(path):
    """Another process knows which runs are done, and which changes of the one that was going on."""
    journal = RemoteJournal(path)
    assert journal.left([]) == []
    journal.finish(2)
    journal.note(3, [1, 2])
    journal.note(3, [])
    journal.note(3, [5])
    again = RemoteJournal(path)
    assert (again.through, again.run, again.done) == (2, 3, {1, 2, 5})
    assert again.left([4, 1, 2, 3]) == [3, 4]
    again.finish(4)
    assert RemoteJournal(path).left([1, 2, 3, 4]) == []
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("cut", ['{"run": 3, "seq', "{", "12", "[]", '{"run": 3}', "\x00\x00"])
def test_a_line_cut_short_counts_as_never_written(path, cut):
    """What a crash left of a last line changes nothing, and lines behind it are read."""
    path.write_text(f'{{"through": 2}}\n{{"run": 3, "sequence": 1}}\n{cut}\n{{"run": 3, "sequence": 7}}\n')
    journal = RemoteJournal(path)
    assert (journal.through, journal.run, journal.done) == (2, 3, {1, 7})


@pytest.mark.parametrize("text", [None, '{"through": 9}\n'], ids=["missing", "too new"])
def test_a_journal_of_other_runs_is_not_believed(path, text):
    """Without the file that belongs to the runs nothing is done again; the message says how to go on."""
    if text is not None:
        path.write_text(text)
    with pytest.raises(StoreError, match=r"state.db.pushed, which says how far .* is missing or too new") as told:
        RemoteJournal(path).left([1, 2, 3])
    assert '{"through": 3}' in told.value.hint
    path.write_text('{"through": 3}')
    assert RemoteJournal(path).left([1, 2, 3]) == []


def test_a_state_that_begins_afresh_takes_the_file_over(path):
    """Whose state holds no run at all has nothing left to do, whatever an older file says."""
    path.write_text('{"through": 9}\n{"run": 10, "sequence": 1}\n')
    assert RemoteJournal(path).left([]) == []
    assert RemoteJournal(path).left([1]) == [1]


def test_a_file_that_cannot_be_used_is_named(path):
    """A folder in its place is told in one sentence."""
    path.mkdir()
    with pytest.raises(StoreError, match=r"state\.db\.pushed cannot be read: Is a directory"):
        RemoteJournal(path)
