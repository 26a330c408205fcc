"""What the words, dates and marks of a row say about whether the student is here."""

from collections.abc import Mapping
from datetime import date

from connector.domain.student import Status

_TRUE = frozenset({"true", "1", "y", "yes", "t", "-1"})
_FALSE = frozenset({"false", "0", "n", "no", "f"})


def yes_no(text: str) -> bool | None:
    """True or False for the words of a yes/no column in any letter case; None for any other word."""
    word = text.casefold()
    return True if word in _TRUE else False if word in _FALSE else None


def status_words(words: Mapping[str, tuple[str, ...]]) -> dict[str, Status]:
    """Each word of the status column, case-folded, with its meaning; the names of the statuses mean themselves.

    The word "" stands for a blank cell.
    """
    meanings: dict[str, Status] = {str(status): status for status in Status if status is not Status.UNKNOWN}
    for name, spellings in words.items():
        meanings.update((" ".join(word.casefold().split()), Status(name)) for word in spellings)
    return meanings


def decide(
    word: Status | None,
    entry: date | None,
    exit_: date | None,
    enabled: bool | None,
    as_of: date,
) -> Status:
    """The status by the date of leaving, then the word, then the date of entry, then the enabled mark; else active.

    On the day of leaving the student is still here. A date of leaving before a date of entry that has come is an
    earlier stay. An unknown word stays unknown: it is never taken for inactive.
    """
    if exit_ is not None and exit_ < as_of and not (entry is not None and exit_ < entry <= as_of):
        return Status.LEFT
    if word is not None:
        return word
    if entry is not None and entry > as_of:
        return Status.FUTURE
    return Status.INACTIVE if enabled is False else Status.ACTIVE
