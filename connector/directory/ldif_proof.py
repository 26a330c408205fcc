"""What an LDIF file itself says about how whole it is: ldapsearch writes a header and a trailer."""

import re

_HEADER = re.compile(rb"# LDAPv\d")
_COUNT = re.compile(rb"# num(Responses|Entries|References): (\d+)$")
_RESULT = re.compile(rb"result: (\d+) ?(.*)$")
_COOKIE = re.compile(rb"(?:# )?pagedresults: cookie=(.*)$")


class Proof:
    """Follows the searches whose output a file holds, and notes the first reason to call it incomplete.

    ldapsearch begins each search (each page of it) with a `# LDAPv3` comment and ends it with `result:` and
    `# numEntries:`; with -L the result is left out, with -LL and -LLL everything is, and there is no proof.
    """

    def __init__(self) -> None:
        self.reason = ""
        self.pages = 0
        self.referrals = 0
        self._begun = 0
        self._open = False
        self._more_pages = False
        self._stated: int | None = None

    def note(self, line: bytes, number: int, entries: int) -> bool:
        """Take a line outside of entries, `entries` of which were read; False where it means nothing."""
        if _HEADER.match(line):
            self._begin(number, entries)
        elif found := _COUNT.match(line):
            self._count(found[1], int(found[2]))
        elif found := _RESULT.match(line):
            if found[1] != b"0":
                self._doubt(f"the search ended with result {found[1].decode()} ({found[2].decode(errors='replace')})")
        elif found := _COOKIE.match(line):
            self._more_pages = found[1] != b""
        else:
            return line.startswith((b"#", b"search: ", b"control: ", b"ref: "))
        return True

    def close(self, entries: int) -> None:
        """The file has ended."""
        self._judge(entries)
        if self._open:
            self._doubt("the end of the search (# numResponses) is missing: the file was cut")

    def _begin(self, number: int, entries: int) -> None:
        """A search begins, or the next page of the one that is under way."""
        self.pages += 1
        if self._open and self._more_pages:
            self._more_pages = False
            return
        if self._open:
            self._doubt(f"the search before line {number} has no end (# numResponses)")
        self._judge(entries)
        self._open, self._more_pages, self._stated, self._begun = True, False, None, entries

    def _count(self, what: bytes, number: int) -> None:
        if what == b"Responses":
            self._open = False
            self._stated = 0
        elif what == b"Entries":
            self._stated = number
        else:
            self.referrals += number

    def _judge(self, entries: int) -> None:
        """Compare what the search says it gave with what was read of it."""
        read = entries - self._begun
        if self._stated is not None and self._stated != read:
            self._doubt(f"{read} entries were read where the search says it gave {self._stated}")
        self._stated = None

    def _doubt(self, reason: str) -> None:
        self.reason = self.reason or reason
