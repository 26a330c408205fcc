"""What the doctor found: one line a step of a conversation with somebody's endpoint."""

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """How a step went: as it must, not as it must, not as it should, or not tried since an earlier one failed."""

    GOOD = "pass"
    FAIL = "fail"
    WARN = "warn"
    SKIP = "skip"


class Check(NamedTuple):
    """One step; `expected` and `came` are words, "" where there is nothing to say; `source` is who asks for it."""

    conversation: str
    does: str
    verdict: Verdict
    expected: str = ""
    came: str = ""
    source: str = ""
