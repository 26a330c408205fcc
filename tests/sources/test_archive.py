import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from connector.domain.errors import SourceError
from connector.sources.archive import ZipLimits, archive
from connector.sources.delimited import open_table

USERS = "sourcedId,givenName\nu1,Ann\n"


def zipped(path: Path, members: dict[str, str | bytes]) -> Path:
    """A zip with these members, in this order."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return path


def test_files_are_read_from_the_zip(tmp_path: Path) -> None:
    """Members come by their base names, are read as often as wanted, and nothing is written to disk."""
    found = archive(zipped(tmp_path / "export.zip", {"users.csv": USERS, "orgs.csv": "sourcedId\n"}))
    assert list(found.names) == ["users.csv", "orgs.csv"]
    table = open_table(found.file("users.csv"))
    assert list(table.records()) == list(table.records()) == [["u1", "Ann", "2"]]
    assert found.warnings == []
    assert [path.name for path in tmp_path.iterdir()] == ["export.zip"]


def test_one_folder_around_the_files_is_passed_over(tmp_path: Path) -> None:
    """A single leading folder is tolerated with a warning; folder entries and what Macs add are no files."""
    members = {"export/": "", "export/users.csv": USERS, "__MACOSX/export/._users.csv": "x", "export/.DS_Store": "x"}
    found = archive(zipped(tmp_path / "export.zip", members))
    assert list(found.names) == ["users.csv"]
    assert found.warnings == ["export.zip holds its files in the folder export: they are read there"]


NAMES = {
    "up and out": "../users.csv",
    "up and out from inside": "a/../../users.csv",
    "from the root": "/etc/users.csv",
    "a drive": "C:/users.csv",
    "backslashes": "..\\users.csv",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    """A member whose name leads out of the zip refuses the whole zip."""
    with pytest.raises(SourceError) as caught:
        archive(zipped(tmp_path / "export.zip", {"orgs.csv": "x\n", name: USERS}))
    assert caught.value.message == f"export.zip holds a file whose name leads out of the zip: {name!r}"


def test_links_are_refused(tmp_path: Path) -> None:
    """A symbolic link refuses the whole zip."""
    path = tmp_path / "export.zip"
    link = zipfile.ZipInfo("users.csv")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr(link, "/etc/passwd")
    with pytest.raises(SourceError, match=r"^export.zip holds a link: users.csv"):
        archive(path)


def test_encrypted_files_are_refused(tmp_path: Path) -> None:
    """A member with a password refuses the whole zip, before anything is asked of it."""
    path = zipped(tmp_path / "export.zip", {"users.csv": USERS})
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(mark) + offset
        content[at : at + 2] = struct.pack("<H", struct.unpack_from("<H", content, at)[0] | 1)
    path.write_bytes(content)
    with pytest.raises(SourceError, match=r"^export.zip holds an encrypted file: users.csv"):
        archive(path)


def test_one_name_twice_is_refused(tmp_path: Path) -> None:
    """Two members of one name leave open which one counts."""
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("users.csv", USERS)
        with pytest.warns(UserWarning, match="Duplicate name"):
            opened.writestr("users.csv", USERS)
    with pytest.raises(SourceError, match=r"^export.zip holds users.csv twice"):
        archive(path)


def test_several_folders_are_refused(tmp_path: Path) -> None:
    """Files in more than one folder are no export."""
    path = zipped(tmp_path / "export.zip", {"a/users.csv": USERS, "b/orgs.csv": "x\n"})
    with pytest.raises(SourceError, match=r"^export.zip holds files in several folders"):
        archive(path)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    """64 files are allowed, 65 are not."""
    members: dict[str, str | bytes] = {f"f{number}.csv": "x\n" for number in range(64)}
    assert len(archive(zipped(tmp_path / "export.zip", members)).names) == 64
    members["one.csv"] = "x\n"
    with pytest.raises(SourceError, match=r"^export.zip holds 65 files, more than 64"):
        archive(zipped(tmp_path / "export.zip", members))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """A file that unpacks to more than 200 times its size is refused by its directory entry alone."""
    path = zipped(tmp_path / "export.zip", {"users.csv": b"a" * 50_000_000})
    with pytest.raises(SourceError, match=r"^export.zip: users.csv unpacks to more than 200 times its size"):
        archive(path)


def test_the_sum_of_all_files_is_limited(tmp_path: Path) -> None:
    """What all files unpack to together has a limit, whatever each does."""
    path = zipped(tmp_path / "export.zip", {"users.csv": USERS, "orgs.csv": USERS})
    limits = ZipLimits(total=2 * len(USERS))
    assert archive(path, limits)
    with pytest.raises(SourceError, match=r"^export.zip unpacks to more than"):
        archive(path, limits._replace(total=limits.total - 1))
    assert ZipLimits() == (64, 512 << 20, 200)


def test_a_size_that_lies_is_found_out(tmp_path: Path) -> None:
    """A member that says it is smaller than it is ends the read with an error, not with fewer rows."""
    path = zipped(tmp_path / "export.zip", {"users.csv": "sourcedId\n" + "u1\n" * 1000})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 24 : content.index(b"PK\x01\x02") + 28] = struct.pack("<I", 100)
    path.write_bytes(content)
    with pytest.raises(SourceError, match="is damaged in the zip"):
        open_table(archive(path).file("users.csv"))


BROKEN = {
    "no zip": (b"sourcedId\nu1\n", "export.zip is no zip, or only a part of one"),
    "nothing": (b"", "export.zip is empty"),
    "cut short": (b"PK\x03\x04", "export.zip is no zip, or only a part of one"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_zip_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """A file that is empty, no zip, or only the beginning of one, is refused in words."""
    path = tmp_path / "export.zip"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        archive(path)
    assert caught.value.message == message


def test_a_damaged_member_ends_the_read(tmp_path: Path) -> None:
    """A member whose bytes were changed fails its checksum."""
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("users.csv", USERS)
    path.write_bytes(path.read_bytes().replace(b"Ann", b"Bob", 1))
    with pytest.raises(SourceError, match=r"^users.csv is damaged in the zip"):
        open_table(archive(path).file("users.csv"))


def test_members_can_be_read_side_by_side(tmp_path: Path) -> None:
    """Two members open at once do not disturb each other."""
    found = archive(zipped(tmp_path / "export.zip", {"users.csv": USERS, "orgs.csv": "sourcedId\no1\n"}))
    with found.file("users.csv").open() as users, found.file("orgs.csv").open() as orgs:
        assert isinstance(users, io.BufferedIOBase)
        assert orgs.read() == b"sourcedId\no1\n"
        assert users.read() == USERS.encode()
