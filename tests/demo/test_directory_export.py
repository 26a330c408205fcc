"""The directory export of the invented school against RFC 2849 and the habits of Active Directory."""

from base64 import b64decode
from pathlib import Path
from uuid import UUID

import pytest

from connector.demo.ldif import Entry, write
from connector.demo.school import build_school

Record = dict[str, list[bytes]]


def _records(path: Path) -> list[Record]:
    """A reader of its own: unfold, split at blank lines, decode."""
    text = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n ", b"")
    return [_record(block) for block in text.strip().split(b"\n\n")]


def _record(block: bytes) -> Record:
    record: Record = {}
    for line in block.split(b"\n"):
        name, _, value = line.partition(b":")
        value = b64decode(value[1:].strip(), validate=True) if value.startswith(b":") else value.removeprefix(b" ")
        record.setdefault(name.decode(), []).append(value)
    return record


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of a school of 120."""
    return build_school(tmp_path_factory.mktemp("school"), students=120).directory


def test_lines_are_safe(export: Path) -> None:
    """Plain ASCII, lines of at most 76 characters, CRLF line ends, an empty line after each entry."""
    data = export.read_bytes()
    lines = data.split(b"\r\n")
    assert data.isascii()
    assert data.endswith(b"\r\n\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 76
    assert any(line.startswith(b" ") for line in lines)


def test_every_entry_has_one_name_and_one_id(export: Path) -> None:
    """No DN and no GUID comes twice; a GUID is 16 bytes."""
    records = _records(export)
    names = [record["dn"][0].lower() for record in records]
    people = [record for record in records if b"user" in record["objectClass"]]
    guids = [UUID(bytes_le=record["objectGUID"][0]) for record in people]
    assert len(names) == len(set(names))
    assert len(guids) == len(set(guids)) > 120


def test_logins_are_unique_within_a_domain(export: Path) -> None:
    """A domain has each login once among its live accounts; only the old junior domain repeats one."""
    live = [one for one in _records(export) if "sAMAccountName" in one and "isDeleted" not in one]
    logins = [one["sAMAccountName"][0].strip().lower() for one in live if b"DC=junior" not in one["dn"][0]]
    old = [one["sAMAccountName"][0].lower() for one in live if b"DC=junior" in one["dn"][0]]
    assert len(logins) == len(set(logins))
    assert old
    assert set(old) <= set(logins)


def test_deleted_entries_say_where_they_were(export: Path) -> None:
    """A deleted entry lies in Deleted Objects under its GUID and keeps its last parent."""
    gone = [record for record in _records(export) if "isDeleted" in record]
    assert gone
    for record in gone:
        guid = UUID(bytes_le=record["objectGUID"][0])
        assert f"\\0ADEL:{guid},CN=Deleted Objects,".encode() in record["dn"][0]
        assert record["lastKnownParent"][0].endswith(b"OU=Students,DC=riverside,DC=example")


@pytest.mark.parametrize(
    ("login", "line"),
    [
        ("asmith", b"sAMAccountName: asmith"),
        ("asmith ", b"sAMAccountName:: YXNtaXRoIA=="),
        (" asmith", b"sAMAccountName:: IGFzbWl0aA=="),
        (":asmith", b"sAMAccountName:: OmFzbWl0aA=="),
        ("<asmith", b"sAMAccountName:: PGFzbWl0aA=="),
        ("bjørn", b"sAMAccountName:: YmrDuHJu"),
    ],
)
def test_unsafe_text_is_base64(tmp_path: Path, login: str, line: bytes) -> None:
    """A value that RFC 2849 calls unsafe, a blank at its end among them, is written as base64."""
    write(tmp_path / "one.ldif", [Entry("A", "OU=Students", login, 1)], [], [])
    assert line in (tmp_path / "one.ldif").read_bytes().split(b"\r\n")


def test_long_lines_fold_and_unfold(tmp_path: Path) -> None:
    """A long name comes back whole."""
    name = "Maximilian-Alexander Wickramasinghe-Balasubramaniam of the Very Long House of Riverside"
    write(tmp_path / "one.ldif", [Entry(name, "OU=Students", "m", 1, family=name)], [], [])
    assert _records(tmp_path / "one.ldif")[0]["sn"] == [name.encode()]
