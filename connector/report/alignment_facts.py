"""What an alignment comes to, beside its findings."""

from typing import NamedTuple

from connector.domain.alignment import Alignment
from connector.domain.entry import Completeness
from connector.report.sentences import number

_STATUSES = (
    (
        "bad",
        "■",
        "another login",
        ("username-differs", "login-belongs-to-another", "whitespace-differs", "fold-differs"),
    ),
    ("warn", "◆", "by name only", ("matched-by-name-only",)),
    ("muted", "○", "no network login", ("missing-in-directory", "deleted-in-directory")),
    ("line", "×", "no username", ("no-username",)),
)


class Standing(NamedTuple):
    """How many students' usernames stand to the network login in one way."""

    tone: str
    mark: str
    words: str
    students: int


def standings(alignment: Alignment) -> list[Standing]:
    """How the students' usernames stand to the network logins; ways in which nobody stands are left out."""
    equal = Standing("ok", "●", "equal to the network login", alignment.matched)
    others = [
        Standing(tone, mark, words, sum(alignment.by_code.get(code, 0) for code in codes))
        for tone, mark, words, codes in _STATUSES
    ]
    return [equal, *(other for other in others if other.students)]


def completeness_facts(read: Completeness) -> list[tuple[str, str]]:
    """What proves that the directory was read to its end, term by term; empty facts are left out."""
    facts = [
        ("Directory", read.source),
        ("Kind", read.kind),
        ("Below", "; ".join(read.bases)),
        ("Filter", read.filter),
        ("Entries", number(read.entries)),
        ("Pages", number(read.pages) if read.pages else ""),
        ("Left out by rule", number(read.excluded) if read.excluded else ""),
        ("Referrals not followed", number(read.referrals) if read.referrals else ""),
        ("Attributes not readable", ", ".join(read.unreadable)),
    ]
    return [(term, fact) for term, fact in facts if fact]
