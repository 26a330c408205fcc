from datetime import date

import pytest

from connector.domain.student import Status
from connector.sources.status import decide, status_words, yes_no

DAY = date(2026, 3, 2)
BEFORE, AFTER = date(2026, 3, 1), date(2026, 3, 3)

DECISIONS = {
    "nothing said is active": (None, None, None, None, Status.ACTIVE),
    "the word says it": (Status.INACTIVE, None, None, None, Status.INACTIVE),
    "a past date of leaving stands above the word": (Status.ACTIVE, None, BEFORE, None, Status.LEFT),
    "on the day of leaving still here": (None, None, DAY, None, Status.ACTIVE),
    "a date of leaving to come changes nothing": (None, None, AFTER, None, Status.ACTIVE),
    "who came back after leaving is here": (None, DAY, BEFORE, None, Status.ACTIVE),
    "who will come back after leaving has left": (None, AFTER, BEFORE, None, Status.LEFT),
    "leaving on the day of entry is leaving": (None, BEFORE, BEFORE, None, Status.LEFT),
    "a date of entry to come is future": (None, AFTER, None, None, Status.FUTURE),
    "the word stands above a date of entry to come": (Status.ACTIVE, AFTER, None, None, Status.ACTIVE),
    "not enabled is inactive": (None, BEFORE, None, False, Status.INACTIVE),
    "not enabled and to come is future": (None, AFTER, None, False, Status.FUTURE),
    "not enabled and left is left": (None, None, BEFORE, False, Status.LEFT),
    "the word stands above not enabled": (Status.ACTIVE, None, None, False, Status.ACTIVE),
    "an unknown word is never inactive": (Status.UNKNOWN, None, None, False, Status.UNKNOWN),
    "an unknown word with a past date of leaving has left": (Status.UNKNOWN, None, BEFORE, None, Status.LEFT),
}


@pytest.mark.parametrize(("word", "entry", "exit_", "enabled", "expected"), DECISIONS.values(), ids=DECISIONS)
def test_decide(
    word: Status | None, entry: date | None, exit_: date | None, enabled: bool | None, expected: Status
) -> None:
    """The date of leaving comes first, then the word, the date of entry, and the enabled mark."""
    assert decide(word, entry, exit_, enabled, DAY) is expected


def test_words_are_compared_without_letter_case() -> None:
    """The words of the configuration, a blank cell among them, and the names of the statuses are known."""
    words = status_words({"active": ("ACTV", "In  Attendance"), "left": ("DELT", ""), "future": ("left",)})
    assert words["actv"] is Status.ACTIVE
    assert words["in attendance"] is Status.ACTIVE
    assert words[""] is Status.LEFT
    assert words["inactive"] is Status.INACTIVE
    assert words["left"] is Status.FUTURE, "what the school says stands above a name's own meaning"
    assert "gone" not in words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TRUE", True),
        ("y", True),
        ("1", True),
        ("No", False),
        ("0", False),
        ("False", False),
        ("", None),
        ("maybe", None),
    ],
)
def test_yes_no(text: str, expected: bool | None) -> None:
    """Yes and no are known in the spellings that systems use; other words are neither."""
    assert yes_no(text) is expected
