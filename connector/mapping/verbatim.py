"""Usernames that are taken as they are: codes, e-mail addresses and logins that the SIS already knows."""

from collections.abc import Callable, Iterator, Mapping

from connector.domain.ruleset import UsernameRules
from connector.domain.student import Student
from connector.mapping.desired import Proposal, Refusal, Step, verbatim
from connector.mapping.fields import network_login
from connector.mapping.normalise import Normaliser
from connector.mapping.reading import Affix, FieldReader
from connector.mapping.safety import EMAIL_LIMIT, RESERVED, WordList, unsafe_email_part, unsafe_part

Read = Callable[[Student], str]

_SOURCES: Mapping[str, tuple[str, Read]] = {
    "student_code": ("student code", lambda student: student.sis_code),
    "email": ("e-mail address", lambda student: student.email),
    "network_login": ("network login", network_login),
}
VERBATIM = (*_SOURCES, "column")
"""The methods whose usernames are taken as they are, less prefix, suffix and a case that is asked for."""

_CASES: Mapping[str, Callable[[str], str]] = {
    "": str,
    "keep": str,
    "lower": str.lower,
    "upper": str.upper,
    "title": str.title,
}


class VerbatimNaming:
    """A username that the SIS knows already: never cut and never numbered."""

    def __init__(self, rules: UsernameRules, words: WordList) -> None:
        self._what, self._read = _source(rules)
        self._email = rules.method == "email"
        self._limit = EMAIL_LIMIT if self._email else rules.max_length
        self._unsafe_part = unsafe_email_part if self._email else unsafe_part
        self._case = _CASES[rules.case]
        self._titled = rules.case == "title"
        reader = FieldReader(rules, Normaliser(rules.normalisation, keep_case=rules.case in ("", "keep")))
        self._affixes = Affix(rules.prefix, reader), Affix(rules.suffix, reader)
        self._words = words

    def propose(self, student: Student) -> Proposal | Refusal:
        """The username as the SIS has it, or why it cannot be one."""
        text = self._read(student).strip()
        if not text:
            also = " and no e-mail address" if self._read is network_login else ""
            detail = f"the SIS gives no {self._what}{also}"
            return Refusal("empty-username", detail, "Fill it in, or choose another [usernames] method")
        prefix, suffix = (affix.of(student) for affix in self._affixes)
        if isinstance(prefix, Refusal):
            return prefix
        if isinstance(suffix, Refusal):
            return suffix
        username = prefix + self._case(text) + suffix
        if not self._titled:
            username = self._case(username)
        return self._refusal(username) or verbatim(username)

    def trace(self, student: Student) -> Iterator[Step]:
        """What the SIS says, and what is put around it."""
        yield Step(self._what, self._read(student), "taken as it is")
        for what, affix in zip(("prefix", "suffix"), self._affixes, strict=True):
            text = affix.of(student)
            if text:
                yield Step(what, "", text.detail) if isinstance(text, Refusal) else Step(what, text)

    def _refusal(self, username: str) -> Refusal | None:
        """Why a login like this cannot be given, or None."""
        unsafe = self._unsafe_part(username)
        if unsafe:
            return Refusal(
                "username-invalid", f'"{username}" holds {unsafe}, which no login may', self._advice(username)
            )
        if len(username) > self._limit:
            detail = f'"{username}" has {len(username)} characters, and {self._limit} are allowed'
            return Refusal("username-invalid", detail, "Raise max_length in [usernames] if the network allows it")
        word = self._words.refuses_code(username)
        if not word:
            return None
        detail = f'"{username}" {word}' if word == RESERVED else f"the {self._what} {word}"
        return Refusal("username-reserved", detail, "Correct the SIS, or give the account another name by hand")

    def _advice(self, username: str) -> str:
        """The next step for a login with a forbidden sign."""
        if "@" in username and not self._email:
            return (
                'If people sign in with the whole address, set method = "email" in [usernames] (with the part before '
                '@: "email_local"), and name the column that holds it as email in [sis.columns]'
            )
        return "Correct the SIS"


def _source(rules: UsernameRules) -> tuple[str, Read]:
    """What the method reads, in words and as a function."""
    if rules.method != "column":
        return _SOURCES[rules.method]
    column = rules.column
    return f'value in the column "{column}"', lambda student: student.columns.get(column, "")
