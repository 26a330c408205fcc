"""What mapping says of one student: the account wanted, and the username proposed or refused."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from connector.domain.account import Grant


class Refusal(NamedTuple):
    """Why mapping gives no username: a skip reason, with the evidence and the next step."""

    reason: str
    detail: str
    suggestion: str = ""


class Proposal(NamedTuple):
    """A username and its alternatives, without knowing who holds what.

    `base` is the first choice, affixes included. `candidates` gives all in order of preference, base first,
    refused words left out; `could_give` says whether mapping could give that username to this student at all
    (base, base with a counter, base with the middle initial), compared by case_key. `verbatim` marks names
    taken as they are (student code, e-mail, network login, column).
    """

    base: str
    candidates: Callable[[], Iterator[str]]
    could_give: Callable[[str], bool]
    verbatim: bool = False


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
