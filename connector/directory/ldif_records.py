"""The entries of an LDIF file (RFC 2849), as ldifde, ldapsearch and slapcat write them."""

import re
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from connector.directory.ldif_proof import Proof
from connector.directory.ldif_text import Block, not_ldif
from connector.domain.errors import DirectoryError

_DESCRIPTION = re.compile(rb"[A-Za-z0-9][A-Za-z0-9.-]*(?:;[A-Za-z0-9=*-]+)*")
_UNFINISHED_RANGE = re.compile(r"range=\d+-\d+")

# ldapsearch breaks its comment on a deleted or conflicting object at the line feed in that object's name
_BROKEN_COMMENT = (b"DEL:", b"CNF:")


class Record(NamedTuple):
    """One entry: its DN, and of its attributes the wanted ones by name in lower case, without options.

    `spoilt` names the attributes of which a value was not valid base64. `NAME;cut` holds values of which the
    server gave only the first part (`memberOf;range=0-1499`).
    """

    dn: str
    attributes: dict[str, list[bytes]]
    spoilt: tuple[str, ...] = ()


class Records:
    """Reads the blocks of one LDIF file; afterwards `count` and `reason` tell how whole it was.

    `wanted` are the attributes to keep, in lower case; `name` is the file's, for messages.
    """

    def __init__(self, name: str, wanted: Collection[str]) -> None:
        self.proof = Proof()
        self.count = 0
        self.reason = ""
        self._name = name
        self._wanted = wanted
        self._targets: dict[bytes, str] = {}

    def read(self, blocks: Iterable[Block]) -> Iterator[Record]:
        """Every whole entry. Raises DirectoryError naming the line that no export has."""
        for block in blocks:
            lines = block.text.replace(b"\n ", b"").split(b"\n")
            start = self._prelude(block, lines)
            if start == len(lines):
                continue
            if block.ended:
                self.count += 1
                yield self._record(block, lines, start)
            else:
                self.reason = (
                    f"the file ends within the entry at line {_line(block, start)}: no empty line follows it"
                )
        self.proof.close(self.count)
        self.reason = self.reason or self.proof.reason

    def _prelude(self, block: Block, lines: list[bytes]) -> int:
        """Take the lines before `dn:`, which are not part of an entry, and say how many they are."""
        for index, line in enumerate(lines):
            if line[:3].lower() == b"dn:":
                return index
            if not block.whole and index == len(lines) - 1:
                self.reason = f"the file ends in the middle of line {_line(block, index)}"
            elif not self._aside(line, _line(block, index) if line.startswith(b"# LDAPv") else 0):
                raise self._fault(block, index, "a line outside of every entry")
        return len(lines)

    def _aside(self, line: bytes, number: int) -> bool:
        """Whether a line outside of entries means something."""
        if line.startswith((b"version:", *_BROKEN_COMMENT)):
            return True
        return self.proof.note(line, number, self.count)

    def _record(self, block: Block, lines: list[bytes], start: int) -> Record:
        """The entry of a block whose `dn:` line is at `start`."""
        attributes: dict[str, list[bytes]] = {}
        spoilt: list[str] = []
        targets = self._targets
        for index in range(start + 1, len(lines)):
            name, _, value = lines[index].partition(b": ")
            target = targets.get(name)
            if target is None:
                name, value, target = self._learn(block, lines, index)
            if not target:
                continue
            if name[-1:] == b":":
                try:
                    value = a2b_base64(value.strip(), strict_mode=True)
                except Base64Error:
                    spoilt.append(target)
                    continue
            else:
                value = value.lstrip(b" ")
            if target in attributes:
                attributes[target].append(value)
            else:
                attributes[target] = [value]
        return Record(self._dn(block, lines[start], start), attributes, tuple(spoilt))

    def _dn(self, block: Block, line: bytes, index: int) -> str:
        value = line[3:]
        if value[:1] != b":":
            return value.strip(b" ").decode(errors="backslashreplace")
        try:
            return a2b_base64(value[1:].strip(), strict_mode=True).decode(errors="backslashreplace")
        except Base64Error:
            raise self._fault(block, index, "a dn that is no base64") from None

    def _learn(self, block: Block, lines: list[bytes], index: int) -> tuple[bytes, bytes, str]:
        """The name (ending in a colon where the value is base64), value and target of a line seen rarely.

        The target is the attribute a value goes to, empty where it is not wanted; it is remembered by name.
        """
        line = lines[index]
        name, colon, value = line.partition(b":")
        if line.startswith(b"#"):
            return name, value, ""
        folded = name.lower()
        if not colon or _DESCRIPTION.fullmatch(name) is None or folded == b"dn":
            found = "a second dn in one entry" if folded == b"dn" else 'a line that is not "attribute: value"'
            raise self._fault(block, index, found)
        if folded == b"changetype":
            if value.strip().lower() != b"add":
                raise self._fault(block, index, "a list of changes")
            return name, value, ""
        target = self._targets[name] = self._targets[name + b":"] = self._target(folded.decode())
        if target and value.startswith(b"<"):
            raise self._fault(block, index, "a value kept in another file (:<)")
        return (name + b":", value[1:], target) if value.startswith(b":") else (name, value, target)

    def _target(self, description: str) -> str:
        """The attribute a description in lower case means; options other than binary and range are not wanted."""
        base, *options = description.split(";")
        if base not in self._wanted or not all(one == "binary" or one.startswith("range=") for one in options):
            return ""
        return f"{base};cut" if any(map(_UNFINISHED_RANGE.fullmatch, options)) else base

    def _fault(self, block: Block, index: int, found: str) -> DirectoryError:
        """The error for a line that no export has; what stands in it may be somebody's name, and is not repeated."""
        return not_ldif(self._name, _line(block, index), found)


def _line(block: Block, index: int) -> int:
    """The number in the file of the unfolded line `index` of a block."""
    starts = [at for at, line in enumerate(block.text.split(b"\n")) if at == 0 or not line.startswith(b" ")]
    return block.line + starts[index]
