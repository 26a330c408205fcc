"""Holding username rules against logins: for each student, whether and how the rules give the login."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from connector.domain.ruleset import UsernameRules
from connector.domain.student import Student
from connector.mapping.desired import Proposal, Refusal
from connector.mapping.keys import case_key
from connector.mapping.naming import naming_of
from connector.mapping.safety import WordList
from connector.planning.suggestion import Pupil

NONE, BASE, MIDDLE, COUNTER, BARE_MIDDLE, BARE_COUNTER = range(6)
"""How a login is given: not at all, as the base, with the middle initial or a counter; the bare ones although
hardly anybody holds the names that come before it."""

LONGEST = 113
"""More than any login has: rules of this length cut nothing."""

_BARE_SHARE = 4  # One in so many may be bare: their namesakes may have left.
_HELD_SHARE = 3

Propose = Callable[[Student], Proposal | Refusal]
Likeness = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Trial:
    """Rules as they did: `kinds` and `bases` (the first choice, empty for none) go with the ground's pupils.

    `raw` are the kinds before it was judged whether bare ones count.
    """

    rules: UsernameRules
    kinds: bytes
    bases: tuple[str, ...]
    raw: bytes

    @property
    def matched(self) -> int:
        """How many logins the rules give."""
        return len(self.kinds) - self.kinds.count(NONE)

    def matched_at(self, positions: Iterable[int]) -> int:
        """How many of these pupils' logins the rules give."""
        return sum(self.kinds[at] != NONE for at in positions)


@dataclass(frozen=True, slots=True)
class Ground:
    """Whom rules are tried on. `logins` are the case_keys of every login of the directory.

    `options` are the configured rules, for what is not tried: reserved words, minimal length and the like.
    """

    pupils: tuple[Pupil, ...]
    logins: frozenset[str]
    words: WordList
    options: UsernameRules

    def part(self, positions: Iterable[int]) -> "Ground":
        """The ground with these pupils only."""
        return replace(self, pupils=tuple(self.pupils[at] for at in positions))

    def cohorts(self) -> dict[int | None, list[int]]:
        """The positions of the pupils by their year of finishing."""
        return grouped([pupil.student.cohort for pupil in self.pupils])

    def propose(self, rules: UsernameRules) -> Propose:
        """The rules, ready to be asked."""
        return naming_of(rules, self.words).propose

    def trial(self, rules: UsernameRules) -> Trial:
        """Hold rules against every login."""
        return self.judged(rules, *self.tried(self.propose(rules), _likeness(rules)))

    def tried(self, propose: Propose, likely: Likeness) -> tuple[bytes, tuple[str, ...]]:
        """The raw kinds and the bases of what is proposed; alternatives are looked at only where `likely`."""
        kinds = bytearray(len(self.pupils))
        bases = []
        for at, (student, login, key) in enumerate(self.pupils):
            said = propose(student)
            base = "" if isinstance(said, Refusal) else case_key(said.base)
            bases.append(base)
            if base == key:
                kinds[at] = BASE if base else NONE
            elif base and likely(base, key) and not isinstance(said, Refusal) and said.could_give(login):
                kinds[at] = self._kind(said, key)
        return bytes(kinds), tuple(bases)

    def again(self, trial: Trial, rules: UsernameRules, positions: Sequence[int]) -> Trial:
        """The trial of other rules that differ for these pupils only."""
        if not positions:
            return replace(trial, rules=rules)
        part = self.part(positions)
        fresh, fresh_bases = part.tried(self.propose(rules), _likeness(rules))
        kinds, bases = bytearray(trial.raw), list(trial.bases)
        for at, kind, base in zip(positions, fresh, fresh_bases, strict=True):
            kinds[at], bases[at] = kind, base
        return self.judged(rules, bytes(kinds), tuple(bases))

    def judged(self, rules: UsernameRules, raw: bytes, bases: tuple[str, ...]) -> Trial:
        """The trial, bare kinds struck out where there are too many of them to be collisions.

        A login "asmith31" is Smith's with a counter where the others show counters too; where every login of an
        intake ends so, it is a suffix.
        """
        bare = [at for at, kind in enumerate(raw) if kind >= BARE_MIDDLE]
        if not bare:
            return Trial(rules, raw, bases, raw)
        hits = Counter(pupil.student.cohort for pupil, kind in zip(self.pupils, raw, strict=True) if kind != NONE)
        bares = Counter(self.pupils[at].student.cohort for at in bare)
        strike_all = len(bare) > max(2, sum(hits.values()) // _BARE_SHARE)
        kinds = bytearray(raw)
        for at in bare:
            cohort = self.pupils[at].student.cohort
            if strike_all or bares[cohort] > max(1, hits[cohort] // _BARE_SHARE):
                kinds[at] = NONE
        return Trial(rules, bytes(kinds), bases, raw)

    def _kind(self, said: Proposal, key: str) -> int:
        """How an alternative is spelt, and whether the ones before it are held."""
        held = 0
        digits = _digits(said.base)
        for earlier, candidate in enumerate(said.candidates()):
            spelt = case_key(candidate)
            if spelt == key:
                bare = held * _HELD_SHARE < earlier
                if _digits(candidate) > digits:
                    return BARE_COUNTER if bare else COUNTER
                return BARE_MIDDLE if bare else MIDDLE
            held += spelt in self.logins
        return NONE


def grouped(labels: Sequence[int | None]) -> dict[int | None, list[int]]:
    """The positions by their label."""
    groups: dict[int | None, list[int]] = {}
    for at, label in enumerate(labels):
        groups.setdefault(label, []).append(at)
    return groups


def always(_base: str, _key: str) -> bool:
    """Every alternative is looked at."""
    return True


def _likeness(rules: UsernameRules) -> Likeness:
    """Whether a login can be an alternative of a base at all, at a glance.

    Alternatives begin with the same sign and are longer, by a middle initial with its dot or by a counter, unless
    they had to be cut. A template's may be anything.
    """
    if rules.method == "template":
        return always
    longest = rules.max_length
    more = max(2, len(str(rules.max_counter)))

    def likely(base: str, key: str) -> bool:
        if base[0] != key[:1]:
            return False
        return len(key) <= longest if len(base) + more > longest else len(base) < len(key) <= len(base) + more

    return likely


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))
