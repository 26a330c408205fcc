"""Whatever an LDIF writer may write, the reader reads back."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from connector.directory.ldif import ldif_directory
from connector.domain.entry import DirectoryEntry
from connector.domain.errors import DirectoryError
from connector.settings.values import DirectorySettings

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
names = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
never = st.sampled_from([False])
people = st.lists(
    st.builds(
        DirectoryEntry,
        dn=names.map("CN={},OU=Students,DC=school".format),
        login=text.filter(lambda login: not login.endswith("$")).filter(bool),
        key=text,
        stable_id=st.uuids().map(str),
        upn=text,
        mail=text,
        given=text,
        family=text,
        display=text.filter(bool),
        enabled=st.booleans(),
        locked=never,
        password_expired=never,
        password_not_required=st.booleans(),
        expires=st.none(),
        last_sign_in=st.none(),
        created=st.none(),
        deleted=st.booleans(),
        last_parent=text,
        groups=st.frozensets(text, max_size=3),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda entry: entry.dn,
)


def write(entry: DirectoryEntry, width: int, *, always_base64: bool) -> str:
    """The entry as an LDIF record, folded at a width."""
    control = 512 | (0 if entry.enabled else 2) | (32 if entry.password_not_required else 0)
    pairs = [
        ("dn", entry.dn.encode()),
        ("objectClass", b"user"),
        ("sAMAccountName", entry.login.encode()),
        ("employeeID", entry.key.encode()),
        ("objectGUID", UUID(entry.stable_id).bytes_le),
        ("userPrincipalName", entry.upn.encode()),
        ("mail", entry.mail.encode()),
        ("givenName", entry.given.encode()),
        ("sn", entry.family.encode()),
        ("displayName", entry.display.encode()),
        ("userAccountControl", str(control).encode()),
        ("isDeleted", str(entry.deleted).upper().encode()),
        ("lastKnownParent", entry.last_parent.encode()),
        *(("memberOf", group.encode()) for group in sorted(entry.groups)),
    ]
    return "".join(line(name, value, width, always_base64=always_base64) for name, value in pairs) + "\n"


def line(name: str, value: bytes, width: int, *, always_base64: bool) -> str:
    """One attribute: plain where RFC 2849 calls the value safe, else base64."""
    safe = value.isascii() and value.decode().isprintable() and not value.startswith((b" ", b":", b"<"))
    plain = safe and not value.endswith(b" ") and not always_base64
    whole = f"{name}: {value.decode()}" if plain else f"{name}:: {base64.b64encode(value).decode()}"
    first, rest = whole[:width], whole[width:]
    return "\n ".join([first, *(rest[at : at + width] for at in range(0, len(rest), width))]) + "\n"


@given(
    people, st.integers(16, 80), st.booleans(), st.sampled_from(["utf-8", "utf-16"]), st.sampled_from(["\n", "\r\n"])
)
def test_what_was_written_is_read(
    entries: list[DirectoryEntry], width: int, always_base64: bool, encoding: str, newline: str
) -> None:
    """Any text in any attribute survives folding, base64, UTF-16 and both line ends."""
    content = "".join(write(entry, width, always_base64=always_base64) for entry in entries)
    with TemporaryDirectory() as folder:
        Path(folder, "export.ldif").write_bytes(content.replace("\n", newline).encode(encoding))
        settings = DirectorySettings("ldif:export.ldif")
        found = ldif_directory(settings, Path(folder), lambda: datetime(2026, 1, 1, tzinfo=UTC)).read()
    assert found.completeness.complete
    assert list(found.entries) == entries


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_no_file_breaks_the_reader(content: bytes) -> None:
    """Whatever bytes stand in the file, the answer is a read or an error that names the file."""
    with TemporaryDirectory() as folder:
        Path(folder, "export.ldif").write_bytes(content)
        settings = DirectorySettings("ldif:export.ldif")
        message = "export.ldif"
        try:
            ldif_directory(settings, Path(folder), lambda: datetime(2026, 1, 1, tzinfo=UTC)).read()
        except DirectoryError as error:
            message = str(error)
    assert "export.ldif" in message
