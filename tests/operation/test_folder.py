"""The folder of reports."""

import os
import stat
import sys
from datetime import UTC, datetime, timedelta

import pytest

from connector.domain.errors import OperationError
from connector.operation.folder import Folder

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no file modes")
def test_a_report_is_private_and_whole(tmp_path):
    """Folder and file are their owner's under any umask, and no draft is left."""
    before = os.umask(0)
    try:
        Folder(tmp_path / "a" / "reports").keep("run-000001.html", "Zoë")
    finally:
        os.umask(before)
    folder = tmp_path / "a" / "reports"
    assert [file.name for file in folder.iterdir()] == ["run-000001.html"]
    assert (folder / "run-000001.html").read_text("utf-8") == "Zoë"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "run-000001.html").stat().st_mode) == 0o600


def test_only_our_own_old_reports_are_deleted(tmp_path):
    """What is younger, what has another name, and what lies in a folder below stays."""
    names = ["run-000001.html", "run-000002.html", "refused-20250101T000000Z.html", "run.html", "notes.txt"]
    (tmp_path / "below").mkdir()
    for name in (*names, "below/run-000003.html"):
        (tmp_path / name).write_text("x")
        moment = NOW - timedelta(days=1 if name == "run-000002.html" else 100)
        os.utime(tmp_path / name, (moment.timestamp(), moment.timestamp()))
    assert Folder(tmp_path).drop_before(NOW - timedelta(days=90)) == 2
    left = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.*")}
    assert left == {"run-000002.html", "run.html", "notes.txt", "below/run-000003.html"}


def test_reports_that_name_somebody_are_deleted(tmp_path):
    """By a whole word as the page writes it; who is only called alike stays."""
    folder = Folder(tmp_path)
    pages = {
        "run-000001.html": "<td>S0101</td>",
        "run-000002.html": "<td>S01011</td><td>a.smith2</td>",
        "run-000003.html": "<td>o&#39;neill</td>",
        "run-000004.html": "(a.smith)",
        "notes.html": "S0101",
    }
    for name, text in pages.items():
        folder.keep(name, text)
    assert folder.drop_naming(("a.smith", "S0101", "o'neill", "")) == 3
    assert sorted(file.name for file in tmp_path.iterdir()) == ["notes.html", "run-000002.html"]
    assert folder.drop_naming(("", "")) == 0


def test_a_folder_that_is_not_there_has_nothing_to_delete(tmp_path):
    """Before the first report there is no folder, and that is no fault."""
    assert Folder(tmp_path / "none").drop_before(NOW) == 0


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    """A file in its place is said with the key that names it."""
    (tmp_path / "reports").write_text("x")
    with pytest.raises(OperationError, match=r"\[run\] reports"):
        Folder(tmp_path / "reports").keep("run-000001.html", "x")
