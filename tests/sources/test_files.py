import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from connector.domain.errors import SourceError
from connector.sources.delimited import open_table
from connector.sources.files import Folder, SourceFile, find, folder, open_file, stamp
from connector.sources.memo import Memo
from connector.sources.notes import Notes


def test_find_takes_the_exact_spelling_first(tmp_path: Path) -> None:
    """Letter case does not matter, but the exact name wins, and the names are tried in order."""
    for name in ("users.CSV", "Student.csv", "student.csv"):
        (tmp_path / name).write_text("x\n")
    bundle = Folder(tmp_path)
    assert find(bundle, ("student.csv",)) == "student.csv"
    assert find(bundle, ("gone.csv", "Users.csv", "student.csv")) == "users.CSV"
    assert find(bundle, ("gone.csv",)) is None


def test_folders_inside_are_not_looked_into(tmp_path: Path) -> None:
    """Files count, folders beside them do not."""
    (tmp_path / "users.csv").write_text("x\n")
    (tmp_path / "old").mkdir()
    assert list(folder(tmp_path).names) == ["users.csv"]


MISSING: dict[str, Callable[[Path], object]] = {"a file": open_file, "a folder": folder}


@pytest.mark.parametrize("opened", MISSING.values(), ids=MISSING)
def test_what_is_not_there(tmp_path: Path, opened: Callable[[Path], object]) -> None:
    """A path that has gone is told by its name and the system's reason."""
    with pytest.raises(SourceError) as caught:
        opened(tmp_path / "gone")
    assert caught.value.message == "gone cannot be read: no such file or directory"
    assert caught.value.hint


KINDS = {"a named pipe": os.mkfifo, "a folder": os.mkdir}


@pytest.mark.parametrize(("kind", "make"), KINDS.items(), ids=KINDS)
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str, make: Callable[[Path], object]) -> None:
    """A pipe nobody writes to would be waited for, for ever; it and a folder are refused in one line."""
    make(tmp_path / "students.csv")
    with pytest.raises(SourceError, match=f"^students.csv is {kind}; a file is wanted"):
        stamp(tmp_path / "students.csv")


def test_a_device_is_no_file() -> None:
    """A device without an end is never read."""
    with pytest.raises(SourceError, match=r"^null is a device; a file is wanted"):
        stamp(Path("/dev/null"))


class _Failing(io.BytesIO):
    """A file whose disk fails when it is read."""

    def read(self, *_: object) -> bytes:
        raise OSError(5, "Input/output error")


def _changing() -> Callable[[], BinaryIO]:
    """Opens a file that is no longer UTF-8 from the third time on."""
    contents = [b"Code\nS1\n"] * 4 + [b"Code\nS\xff\n"]
    return lambda: io.BytesIO(contents.pop(0))


def test_a_disk_that_fails_is_told() -> None:
    """An error of the system while reading is told with the file's name."""
    with pytest.raises(SourceError, match=r"^students.csv cannot be read: input/output error"):
        open_table(SourceFile("students.csv", 9, _Failing))


def test_text_that_turns_into_bytes_is_told() -> None:
    """A file that stops being text between two looks at it has changed."""
    table = open_table(SourceFile("students.csv", 9, _changing()))
    with pytest.raises(SourceError, match=r"^students.csv changed while it was read"):
        list(table.records())


def test_a_memo_asks_once_and_stays_small() -> None:
    """An answer is asked once; beyond the limit the memo starts afresh and still answers."""
    asked: list[str] = []

    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    memo = Memo(length, limit=2)
    assert [memo[text] for text in ("a", "bb", "a", "ccc", "a")] == [1, 2, 1, 3, 1]
    assert asked == ["a", "bb", "ccc", "a"]
    assert len(memo) == 2


def test_notes_stay_few() -> None:
    """Beyond the limit different words are counted together, so that a report stays readable."""
    notes = Notes(limit=2)
    for number in range(5):
        notes.add('"{word}" in {rows}', f"w{number}", f"f:{number}")
    assert notes.lines() == [
        '"w0" in 1 row, first f:0',
        '"w1" in 1 row, first f:1',
        '"..." in 3 rows, first f:2',
    ]
