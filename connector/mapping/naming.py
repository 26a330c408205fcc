"""A student's username: what the rules propose and could give, affixes, length, counters and safety included."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import NamedTuple, Protocol

from connector.domain.errors import ConfigError
from connector.domain.ruleset import UsernameRules
from connector.domain.student import Student
from connector.mapping.desired import Proposal, Refusal, Step
from connector.mapping.forms import LAYOUTS, Form
from connector.mapping.keys import case_key
from connector.mapping.methods import Forms, LocalPartMethod, Method, NameMethod, TemplateMethod
from connector.mapping.normalise import Normaliser
from connector.mapping.reading import Affix, FieldReader
from connector.mapping.safety import BLOCKED, RESERVED, WordList, unsafe_part
from connector.mapping.verbatim import VERBATIM, VerbatimNaming

METHODS = ("student_code", *LAYOUTS, "email", "email_local", "network_login", "column", "template")
"""Every username method."""

CASES: dict[str, Callable[[str], str]] = {"lower": str.lower, "upper": str.upper, "keep": str, "title": str}
"""What is done to a whole made username; the parts of a title are capitalised before they are put together."""

LEAST_COUNTERS = 99
"""Names with a counter up to here stay valid even when `max_counter` is lowered after they were given."""

MOST_SPELLINGS = 10
"""How many spellings an explanation shows at most."""

_BY_HAND = "Make the account by hand: trackone accounts create"
_DIGITS = re.compile("[0-9]+")


class Naming(Protocol):
    """One table of username rules, ready to be asked."""

    def propose(self, student: Student) -> Proposal | Refusal:
        """The username and its alternatives, or why there is none."""

    def trace(self, student: Student) -> Iterator[Step]:
        """How the username comes about, step by step."""


def naming_of(rules: UsernameRules, words: WordList) -> Naming:
    """The rules compiled, overrides left aside. Raises ConfigError (TemplateError for a template or affix)."""
    if rules.method not in METHODS:
        raise ConfigError(f'there is no username method "{rules.method}": use one of {", ".join(METHODS)}')
    if rules.case and rules.case not in CASES:
        raise ConfigError(f'case = "{rules.case}" is unknown: use one of {", ".join(CASES)}')
    return VerbatimNaming(rules, words) if rules.method in VERBATIM else MadeNaming(rules, words)


class MadeNaming:
    """A username made of the letters of names or codes."""

    def __init__(self, rules: UsernameRules, words: WordList) -> None:
        names = Normaliser(rules.normalisation, keep_case=rules.case == "keep")
        reader = FieldReader(rules, names)
        self._method = _method(rules, names)
        self._affixes = Affix(rules.prefix, reader), Affix(rules.suffix, reader)
        self._fixed = self._affixes[0].fixed, self._affixes[1].fixed
        # A template says itself what is a capital, unless the case is asked for.
        default = "keep" if rules.method == "template" else "lower"
        self._finish = CASES[rules.case or default]
        self._min_length, self._max_length = rules.min_length, rules.max_length
        self._collision, self._max_counter = rules.collision, rules.max_counter
        self._words = words
        by_code = rules.normalisation.non_latin == "code"
        self._by_code = VerbatimNaming(replace(rules, method="student_code"), words) if by_code else None

    def propose(self, student: Student) -> Proposal | Refusal:
        """The username and its alternatives, or why there is none."""
        prefix, suffix = self._fixed
        if prefix is None or suffix is None:
            return self._looked_at(student)
        whole = prefix + self._method.whole(student) + suffix
        if len(whole) > self._max_length or len(whole) == len(prefix) + len(suffix):
            return self._looked_at(student)
        base = self._finish(whole)
        choice = tuple.__new__(Spellings, (self, student, prefix, suffix, base))
        if self.fault(base):
            return self._second_choice(choice, base)
        return tuple.__new__(Proposal, (base, choice, False))

    def _looked_at(self, student: Student) -> Proposal | Refusal:
        """The same where names are missing, long or cannot be read, and for the rarer methods."""
        forms = self._method.forms(student)
        if isinstance(forms, Refusal):
            by_code = forms.reason == "non-latin-name" and self._by_code
            return by_code.propose(student) if by_code else forms
        affixes = self._affixes_of(student)
        if isinstance(affixes, Refusal):
            return affixes
        base = self.spell(forms[0], 0, *affixes)
        choice = Spellings(self, student, *affixes, base)
        return self._second_choice(choice, base) if self.fault(base) else Proposal(base, choice)

    def forms(self, student: Student) -> Forms:
        """The spellings of the method, none where it refuses."""
        forms = self._method.forms(student)
        return () if isinstance(forms, Refusal) else forms

    def spell(self, form: Form, counter: int, prefix: str, suffix: str) -> str:
        """The whole username; empty where it does not fit."""
        base = form.spell(counter, self._max_length - len(prefix) - len(suffix))
        return self._finish(prefix + base + suffix) if base else ""

    def fault(self, username: str) -> str:
        """Why this username is not given to anybody, in words; empty for a good one."""
        if not username:
            return f"has no room in {self._max_length} characters"
        if len(username) < self._min_length:
            return f"is shorter than {self._min_length} characters"
        # A dot inside letters and digits is safe; unsafe_part looks at every sign of anything else.
        if not (username.isascii() and username.replace(".", "x", 1).isalnum() and username[-1] != "."):
            unsafe = unsafe_part(username)
            if unsafe:
                return f"holds {unsafe}"
        if username.isdecimal() and self._method.names_only:
            return "is only digits, which no name gives"
        return self._words.refuses(username)

    def ways(self, forms: Forms, student: Student) -> Iterator[tuple[Form, int]]:
        """The forms and counters (0: none) to try, in order of preference."""
        yield from ((form, 0) for form in forms)
        counted = next((form for form in forms if form.width), None)
        own_counter = ("counter",) if counted and "counter" not in self._collision else ()
        for policy in (*self._collision, *own_counter):
            if policy == "middle_initial":
                yield from ((form, 0) for form in self._method.middle_forms(student))
            elif policy == "counter":
                yield from ((counted or forms[0], number) for number in range(2, self._max_counter + 1))

    def could_spell(self, key: str, student: Student, prefix: str, suffix: str) -> bool:
        """Whether some form, plain or with a counter, is spelt so, whatever is done about collisions today."""
        every = (*self.forms(student), *self._method.middle_forms(student))
        numbers = (0, *_numbers_in(key, max(self._max_counter, LEAST_COUNTERS)))
        return any(case_key(self.spell(form, number, prefix, suffix)) == key for form in every for number in numbers)

    def trace(self, student: Student) -> Iterator[Step]:
        """How the username comes about, step by step."""
        yield from self._method.trace(student)
        affixes = self._affixes_of(student)
        if not isinstance(affixes, Refusal):
            yield from (Step(what, text) for what, text in zip(("prefix", "suffix"), affixes, strict=True) if text)
            yield from self._trace_ways(self.forms(student), student, *affixes)

    def _trace_ways(self, forms: Forms, student: Student, prefix: str, suffix: str) -> Iterator[Step]:
        """The first spellings in order, up to a good one; a blocked word is not repeated."""
        for form, number in islice(self.ways(forms, student), MOST_SPELLINGS) if forms else ():
            username = self.spell(form, number, prefix, suffix)
            fault = self.fault(username)
            yield Step("spelling", "" if fault == BLOCKED else username, fault or "+".join(form.parts))
            if not fault:
                return

    def _affixes_of(self, student: Student) -> tuple[str, str] | Refusal:
        prefix, suffix = (affix.of(student) for affix in self._affixes)
        if isinstance(prefix, Refusal):
            return prefix
        return suffix if isinstance(suffix, Refusal) else (prefix, suffix)

    def _second_choice(self, choice: "Spellings", base: str) -> Proposal | Refusal:
        """The first alternative that can be given, where the base itself cannot."""
        second = next(choice.candidates(), "")
        if second:
            return Proposal(second, choice)
        fault = self.fault(base)
        if fault == BLOCKED:
            return Refusal("username-reserved", "every spelling of the name is or holds a blocked word", _BY_HAND)
        if fault == RESERVED:
            detail = f'"{base}" is a reserved word, and the rules give no other spelling'
            return Refusal("username-reserved", detail, 'Add "counter" to collision in [usernames]')
        return Refusal("username-invalid", f'"{base}" {fault}' if base else f"the name {fault}", _BY_HAND)


class Spellings(NamedTuple):
    """What one student may be called; works only when it is asked."""

    naming: MadeNaming
    student: Student
    prefix: str
    suffix: str
    base: str

    def candidates(self) -> Iterator[str]:
        """Every good spelling in order of preference, none twice."""
        naming, student, prefix, suffix, _ = self
        seen = set()
        for form, number in naming.ways(naming.forms(student), student):
            username = naming.spell(form, number, prefix, suffix)
            if username not in seen and not naming.fault(username):
                seen.add(username)
                yield username

    def could_give(self, username: str) -> bool:
        """Whether the rules could give this username to the student, compared by case_key."""
        key = case_key(username)
        if not key or key == case_key(self.base):
            return bool(key)
        return self.naming.could_spell(key, self.student, self.prefix, self.suffix)


def _method(rules: UsernameRules, names: Normaliser) -> Method:
    if rules.method == "template":
        return TemplateMethod(rules, names)
    return LocalPartMethod(names) if rules.method == "email_local" else NameMethod(rules, names)


def _numbers_in(key: str, limit: int) -> list[int]:
    """Every counter that a name's digits could be, in runs of any length."""
    width = len(str(limit))
    runs = ((run[0][start:], len(run[0]) - start) for run in _DIGITS.finditer(key) for start in range(len(run[0])))
    found = {int(digits[:length]) for digits, left in runs for length in range(1, min(width, left) + 1)}
    return sorted(number for number in found if 2 <= number <= limit)
