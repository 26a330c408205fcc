"""What an alignment comes to, beside its findings."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from connector.domain.alignment import Alignment, Share
from connector.domain.entry import Completeness
from connector.mapping.dn import units
from connector.mapping.keys import natural_key
from connector.report.sentences import number

NO_UNIT = "No entry of their own"
"""Where students are counted who have no entry in the directory."""

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


def unit_labels(dns: Iterable[str]) -> dict[str, str]:
    """The DNs of units as `Students / Year 7`, without the units that all of them lie in."""
    paths = {dn: units(dn) for dn in dns if dn}
    shared = 0
    for names in zip(*paths.values(), strict=False):
        if len(set(names)) > 1 or any(len(path) == shared + 1 for path in paths.values()):
            break
        shared += 1
    return {dn: " / ".join(path[shared:]) or dn for dn, path in paths.items()} | {"": NO_UNIT}


def unit_shares(by_unit: Mapping[str, Share]) -> list[tuple[str, Share]]:
    """The units by their labels, as people count, those without an entry last."""
    labels = unit_labels(by_unit)
    return sorted(
        ((labels[dn], share) for dn, share in by_unit.items()),
        key=lambda one: (one[0] == NO_UNIT, natural_key(one[0])),
    )


def least_matched(shares: list[tuple[str, Share]], most: int) -> list[tuple[str, Share]]:
    """Of many groups those with most students who do not match, in the order they had."""
    worst = sorted(range(len(shares)), key=lambda at: shares[at][1].matched - shares[at][1].students)[:most]
    return [shares[at] for at in sorted(worst)]


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
