"""Writing changed keys into a mapping file."""

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.domain.errors import ConfigError, OperationError
from connector.settings.fingerprint import fingerprint
from connector.settings.mapping_edit import HISTORY, write_mapping
from connector.settings.mapping_file import load_rules
from connector.settings.toml_edit import Edit

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TEXT = '# our rules\n[usernames]\nmethod = "student_code"  # for now\n\n[passwords]\nmethod = "none"\n'
CHANGE = Edit({"usernames": {"method": "initial_surname"}})


@pytest.fixture
def mapping(tmp_path):
    """A mapping file in its folder."""
    path = tmp_path / "mappings" / "students.toml"
    path.parent.mkdir()
    path.write_text(TEXT, encoding="utf-8")
    return path


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_the_file_changes_and_the_previous_copy_is_kept(mapping):
    """The copy is for its owner only, the file keeps its mode, and nothing else is left behind."""
    mapping.chmod(0o644)
    written = write_mapping(mapping, CHANGE, NOW)
    assert mapping.read_text() == TEXT.replace('"student_code"', '"initial_surname"')
    assert written.previous == mapping.parent / HISTORY / "students.2026-03-02T093000Z.toml"
    assert written.previous.read_text() == TEXT
    assert stat.S_IMODE(written.previous.stat().st_mode) == 0o600
    assert stat.S_IMODE(written.previous.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(mapping.stat().st_mode) == 0o644
    assert _files(mapping.parent) == [HISTORY, f"{HISTORY}/{written.previous.name}", "students.toml"]


def test_the_rules_are_those_of_the_new_file(mapping):
    """The fingerprint changes by what was written and nothing else; comments never count."""
    before = load_rules(mapping)
    written = write_mapping(mapping, CHANGE, NOW)
    assert written.rules == load_rules(mapping)
    assert written.rules.usernames.method == "initial_surname"
    assert written.rules.fingerprint != before.fingerprint
    back = write_mapping(mapping, Edit({"usernames": {"method": "student_code"}}), NOW)
    assert back.rules.fingerprint == before.fingerprint
    assert fingerprint(back.rules.usernames) == fingerprint(before.usernames)


def test_every_copy_has_a_name_of_its_own(mapping):
    """Also within one second."""
    texts = []
    for method in ("initial_surname", "given_surname", "email"):
        texts.append(mapping.read_text())
        write_mapping(mapping, Edit({"usernames": {"method": method}}), NOW)
    copies = sorted((mapping.parent / HISTORY).iterdir(), key=lambda path: len(path.name))
    assert len(copies) == 3
    assert sorted(copy.read_text() for copy in copies) == sorted(texts)


def test_no_change_leaves_everything_alone(mapping):
    """No copy is made of a file that says it already."""
    written = write_mapping(mapping, Edit({"usernames": {"method": "student_code"}}), NOW)
    assert (written.previous, _files(mapping.parent)) == (None, ["students.toml"])


def test_a_byte_order_mark_stays(mapping):
    """Editors on Windows put one there."""
    mapping.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    write_mapping(mapping, CHANGE, NOW)
    assert mapping.read_bytes().startswith(b'\xef\xbb\xbf# our rules\n[usernames]\nmethod = "initial_surname"')


def test_a_link_stays_a_link(mapping, tmp_path):
    """What it leads to is changed."""
    link = tmp_path / "linked.toml"
    link.symlink_to(mapping)
    write_mapping(link, CHANGE, NOW)
    assert link.is_symlink()
    assert "initial_surname" in mapping.read_text()


def test_what_would_not_load_is_not_written(mapping):
    """The fault is told with its line, and the file is as it was."""
    with pytest.raises(ConfigError, match=r"students\.toml:4: \[usernames\] column") as error:
        write_mapping(mapping, Edit({"usernames": {"method": "email", "column": "X"}}), NOW)
    assert "as it was" in error.value.message
    assert ".new" not in error.value.message
    assert mapping.read_text() == TEXT
    assert _files(mapping.parent) == ["students.toml"]


def test_a_file_that_is_no_text_is_not_written(mapping):
    """Nor one that cannot be parsed."""
    mapping.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        write_mapping(mapping, CHANGE, NOW)
    assert mapping.read_bytes() == b"\xff\xfe"


def test_a_disk_that_refuses_is_told(tmp_path):
    """By the file's name; nothing is half written."""
    with pytest.raises(OperationError, match=r"missing\.toml: cannot be changed"):
        write_mapping(tmp_path / "missing.toml", CHANGE, NOW)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nobody refuses the administrator")
def test_a_folder_that_may_not_be_written_is_told(mapping):
    """The file is as it was."""
    mapping.parent.chmod(0o500)
    with pytest.raises(OperationError, match="cannot be changed"):
        write_mapping(mapping, CHANGE, NOW)
    mapping.parent.chmod(0o700)
    assert mapping.read_text() == TEXT
