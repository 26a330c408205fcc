"""Who may get which username in one run: the names held, reserved, claimed so far, and owned in the directory."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple

from connector.domain.account import Account, Holder, UserType
from connector.domain.plan import Skip
from connector.domain.student import Student
from connector.mapping.desired import Proposal
from connector.mapping.keys import case_key, fold_key
from connector.planning.correlate import Correlation

LookUp = Callable[[Collection[str]], Mapping[str, Holder]]


class Claim(NamedTuple):
    """A username given to a student earlier in this plan."""

    sis_code: str


class Allocated(NamedTuple):
    """The username a student gets, and why it is not the first choice where it is not."""

    username: str
    reasons: tuple[str, ...] = ()


class Names:
    """The namespace of usernames while a plan is decided.

    `look_up` asks the store who holds or has reserved names, by fold_key (None: it is empty); `account` gives one
    account by id;
    `directory` says which logins belong to somebody else (None: no complete read). Names are asked for in
    batches (`prefetch`), since one question a name is too slow for a district.
    """

    def __init__(
        self,
        look_up: LookUp | None,
        account: Callable[[int], Account | None],
        directory: Correlation | None = None,
    ) -> None:
        self._look_up = look_up
        self._account = account
        self._directory = directory
        self._asked: dict[str, Holder | None] = {}
        self._claimed: dict[str, str] = {}
        self._freed: set[str] = set()

    def prefetch(self, keys: Collection[str]) -> None:
        """Ask the store for these names at once, and forget the ones asked for before."""
        found = self._look_up(keys) if self._look_up is not None else {}
        self._asked = {key: found.get(key) for key in keys}

    def free(self, keys: Iterable[str]) -> None:
        """Let these names go to whoever has them as network login: their holders move away in this very plan."""
        self._freed.update(keys)

    def claim(self, username: str, sis_code: str) -> None:
        """Give a name to a student; nobody else gets it in this plan."""
        self._claimed[fold_key(username)] = sis_code

    def holder(self, key: str) -> Holder | Claim | None:
        """Who has the name: a student of this plan, an account of the store, or nobody."""
        claimed = self._claimed.get(key)
        if claimed is not None:
            return Claim(claimed)
        if self._look_up is None:
            return None
        if key not in self._asked:
            self._asked[key] = self._look_up((key,)).get(key)
        return self._asked[key]

    def give_first(self, name: str, sis_code: str) -> bool:
        """Give a student the first choice where no account and no directory can be in the way; False says nothing."""
        if self._look_up is not None or self._directory is not None:
            return False
        key = name.lower() if name.isascii() else fold_key(name)
        return self._claimed.setdefault(key, sis_code) is sis_code

    def allocate(self, proposal: Proposal, student: Student, login: str = "", own: int = 0) -> Allocated | Skip:
        """The first candidate that is free, claimed for the student; or the skip that says who is in the way.

        `login` is the student's own login in the directory: where mapping could give it, it is the first choice,
        since that is the name the child signs in with. `own` is the id of the student's account: a name that
        account once had is free to it. A name held by an account without a SIS code is not dodged with a
        counter: the two may be one person. Nor is the student's own login when only an archived or former
        holder stands in the way.
        """
        first = base = proposal.base
        if login and login != base:
            first = self._own_login(proposal, login) or base
        key = first.lower() if first.isascii() else fold_key(first)
        free = key not in self._claimed and (self._look_up is None or self.holder(key) is None)
        if free and (self._directory is None or not self._foreign(first, student.sis_code)):
            self._claimed[key] = student.sis_code
            why = () if first == base else (f"{first} is the student's network login",)
            return tuple.__new__(Allocated, (first, why))
        blocked: list[str] = []
        for candidate in proposal.candidates():
            key = fold_key(candidate)
            holder = self.holder(key)
            if holder is None or self._yields(holder, key, candidate, login, own):
                foreign = self._foreign(candidate, student.sis_code)
                if not foreign:
                    self._claimed[key] = student.sis_code
                    return Allocated(candidate, tuple(blocked))
                blocked.append(foreign)
                continue
            if isinstance(holder, Holder):
                stop = _not_to_be_dodged(holder, candidate, student, login, first=not blocked)
                if stop is not None:
                    return stop
            blocked.append(f"{candidate} is {_held(holder)}")
        return Skip(
            student.sis_code,
            "username-taken",
            "; ".join(blocked[:3]) + (f"; and {len(blocked) - 3} more" if len(blocked) > 3 else ""),
            "Choose another collision rule in [usernames], or free the name.",
        )

    @staticmethod
    def _own_login(proposal: Proposal, login: str) -> str:
        """The candidate that is the student's own login, spelt as mapping spells it; empty where none is."""
        if proposal.verbatim or not proposal.could_give(login):
            return ""
        key = case_key(login)
        return next((candidate for candidate in proposal.candidates() if case_key(candidate) == key), "")

    def in_the_way(self, name: str, student: Student, own: int) -> str:
        """Which other account, or which other person's login, has the name; empty where none has."""
        holder = self.holder(fold_key(name))
        if isinstance(holder, Holder) and holder.account_id != own:
            return f"{name} is {_held(holder)}"
        return self._foreign(name, student.sis_code)

    def account(self, holder: Holder) -> Account | None:
        """The whole account of a holder."""
        return self._account(holder.account_id)

    def _yields(self, holder: Holder | Claim, key: str, candidate: str, login: str, own: int) -> bool:
        """Whether a held name is free to this student after all: its own, or moving away to its login."""
        if isinstance(holder, Claim):
            return False
        return holder.account_id == own or (key in self._freed and case_key(login) == case_key(candidate))

    def _foreign(self, candidate: str, sis_code: str) -> str:
        """Why the directory forbids the name: it is the login of an entry keyed to another known person."""
        if self._directory is None:
            return ""
        entry = self._directory.keyed_to_other(case_key(candidate), sis_code)
        return "" if entry is None else f"{candidate} is the network login of {entry.key}"


def _held(holder: Holder | Claim) -> str:
    if isinstance(holder, Claim):
        return f"given to {holder.sis_code} in this plan"
    if holder.retired:
        return f"reserved for its former holder {holder.sis_code or holder.username}"
    state = "archived " if holder.archived else ""
    return f"held by the {state}{holder.user_type} account {holder.sis_code or holder.username}"


def _but_for_zeros(code: str, other: str) -> bool:
    """Whether two codes are the same but for zeros before them, as a spreadsheet leaves them."""
    return code != other and code.lstrip("0").casefold() == other.lstrip("0").casefold()


def _not_to_be_dodged(holder: Holder, candidate: str, student: Student, login: str, *, first: bool) -> Skip | None:
    if first and holder.user_type is UserType.STUDENT and not holder.sis_code and not holder.retired:
        return Skip(
            student.sis_code,
            "username-taken",
            f"{candidate} is held by a Student account without a SIS code, which may be this very student",
            f"If it is: trackone accounts link {holder.username} {student.sis_code}",
        )
    if first and holder.sis_code and _but_for_zeros(holder.sis_code, student.sis_code):
        return Skip(
            student.sis_code,
            "username-taken",
            f"{candidate} is held by an account with the code {holder.sis_code}, which looks like this student's "
            "without its zeros",
            "Correct the code of that account (an import with the right codes does it), then run again.",
        )
    if (holder.archived or holder.retired) and login and case_key(login) == case_key(candidate):
        return Skip(
            student.sis_code,
            "username-taken",
            f"{candidate} is this student's network login but is {_held(holder)}",
            f"If the former holder will not return: trackone accounts release {candidate}",
        )
    return None
