"""What mapping says of one student: the account wanted, and the username proposed or refused."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from connector.domain.account import Grant
from connector.mapping.keys import case_key


class Refusal(NamedTuple):
    """Why mapping gives no username: a skip reason, with the evidence and the next step."""

    reason: str
    detail: str
    suggestion: str = ""


class Choice(Protocol):
    """What one student may be called; works only when it is asked."""

    def candidates(self) -> Iterator[str]:
        """Every good spelling in order of preference, none twice."""

    def could_give(self, username: str) -> bool:
        """Whether the rules could give this username to the student, compared by case_key."""


class Proposal(NamedTuple):
    """A username and its alternatives, without knowing who holds what.

    `base` is the first choice, affixes included. `verbatim` marks names taken as they are (student code, e-mail,
    network login, column).
    """

    base: str
    choice: Choice
    verbatim: bool = False

    def candidates(self) -> Iterator[str]:
        """All in order of preference, base first, refused words left out."""
        return self.choice.candidates()

    def could_give(self, username: str) -> bool:
        """Whether mapping could give that username to this student at all, compared by case_key.

        That is the base, the base with a counter, and the base with the middle initial.
        """
        return self.choice.could_give(username)


class Alone(NamedTuple):
    """A username taken as it is, with no alternative."""

    username: str

    def candidates(self) -> Iterator[str]:
        """The one."""
        return iter(self)

    def could_give(self, username: str) -> bool:
        """Whether it is the one, compared by case_key."""
        return case_key(username) == case_key(self.username)


def verbatim(username: str) -> Proposal:
    """A username as it is, with no alternative."""
    return Proposal(username, Alone(username), verbatim=True)


class DesiredAccount(NamedTuple):
    """The account the rules want for a student; `name` is separate, since an account can outlive its name.

    `unknown_roles` are roles whose rule could not be decided (a directory group in an incomplete read): they
    are neither given nor taken.
    """

    given_names: str
    family_name: str
    email: str
    year_level: str
    campus: str
    grants: tuple[Grant, ...]
    denies: tuple[Grant, ...]
    unknown_roles: frozenset[str]
    name: Proposal | Refusal


class Step(NamedTuple):
    """One step of an explanation: what was looked at, what came out, and by which rule."""

    what: str
    value: str
    why: str = ""
