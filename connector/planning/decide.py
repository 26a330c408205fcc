"""What should become of one account or one student: the rules of a sync, one person at a time."""

from collections.abc import Collection

from connector.domain.account import SYNC, Account, Holder, UserType, effective_roles
from connector.domain.entry import DirectoryEntry
from connector.domain.finding import Finding, finding
from connector.domain.limits import DirectoryRules
from connector.domain.plan import Action, Change, Skip
from connector.domain.ruleset import RuleSet
from connector.domain.student import Status, Student
from connector.mapping.desired import DesiredAccount, Proposal, Refusal, verbatim
from connector.mapping.keys import case_key, fold_key
from connector.mapping.mapper import Mapper
from connector.mapping.roles import merge_grants
from connector.mapping.safety import unsafe_email_part, unsafe_part
from connector.planning.correlate import Correlation
from connector.planning.difference import archive, difference
from connector.planning.drift import breaks_login, drift, held_inactive, name_is_taken, rename_waits
from connector.planning.moves import Move
from connector.planning.names import Names
from connector.planning.verdict import SETTLED, Powers, Verdict

NEW = ("new in the SIS",)
# A member of an enumeration costs more than a name to find, which a district feels.
ACTIVE, GONE = Status.ACTIVE, (Status.LEFT, Status.INACTIVE)
CREATE, STUDENT = Action.CREATE, UserType.STUDENT
RELEASED = "~"
"""Marks the username of an archived account whose real one was released; no mapping makes it."""
NO_GROUPS: frozenset[str] = frozenset()


class Decider:
    """Decides one person at a time; remembers nothing but the names it has given out.

    `directory` is the correlation with a complete directory read, None without one. `moving` holds the ids of
    the accounts whose adopted rename was found possible (moves.settle).
    """

    def __init__(
        self,
        mapper: Mapper,
        rules: RuleSet,
        names: Names,
        powers: Powers,
        directory: Correlation | None = None,
        directory_rules: DirectoryRules | None = None,
    ) -> None:
        self.moving: Collection[int] = frozenset()
        self._mapper = mapper
        self._rules = rules
        self._scope = rules.scope
        self._names = names
        self._powers = powers
        self._directory = directory
        self._policy = directory_rules.policy if directory_rules else "none"
        # A new account signs in with a password of its own where there is no directory and passwords are made.
        self._local_password = self._policy == "none" and rules.passwords.method != "none"

    @property
    def adopts(self) -> bool:
        """Whether existing accounts may be renamed to their network login, so that moves must be settled."""
        return self._policy == "adopt" and self._powers.rename

    # -- a student with an account ------------------------------------------------------------------------

    def existing(self, student: Student, account: Account) -> Verdict:
        """What becomes of the account of a student the SIS shows."""
        if student.status in GONE:
            return self._leaver(student, account)
        skip = self._not_now(student)
        if skip is not None:
            return Verdict(skip=skip)
        entry = self._entry(student, account)
        if account.archived and account.archived_by != SYNC:
            return Verdict(findings=(held_inactive(account, account.archived_by),))
        wanted = self._mapper.desire(student, self._groups(entry))
        returner = self._returner(student, account, wanted, entry) if account.archived else None
        if returner is not None:
            return returner
        after = self._revised(account, wanted, entry)
        findings: tuple[Finding, ...] = ()
        if not account.approved and account.disabled_by not in ("", SYNC):
            findings = (held_inactive(account, account.disabled_by),)
        username, reasons, said = self._username(student, account, wanted, entry)
        if username != account.username:
            after = after._replace(username=username)
        change = difference(account, after, reasons)
        if change is not None and not self._scope.overwrite:
            return Verdict(findings=(*findings, *said, drift(change)))
        return Verdict(change, None, (*findings, *said)) if change or said or findings else SETTLED

    def _returner(
        self, student: Student, account: Account, wanted: DesiredAccount, entry: DirectoryEntry | None
    ) -> Verdict | None:
        """What keeps a returning student from simply getting the old account back; None where nothing does."""
        if RELEASED in account.username:
            return self._restored_under_a_new_name(student, account, wanted, entry)
        if not self._confirmed(entry, account.username):
            return Verdict(skip=self._held_by_policy(student, entry, account.username))
        return None

    def _restored_under_a_new_name(
        self, student: Student, account: Account, wanted: DesiredAccount, entry: DirectoryEntry | None
    ) -> Verdict:
        """A returner whose username was released meanwhile gets one that is free, as a newcomer would."""
        proposal = self._proposal(wanted.name, entry)
        if isinstance(proposal, Refusal):
            return Verdict(skip=Skip(student.sis_code, *proposal))
        given = self._names.allocate(proposal, student, entry.login if entry else "", own=account.id)
        if isinstance(given, Skip):
            return Verdict(skip=given)
        after = self._revised(account, wanted, entry)._replace(username=given.username)
        change = difference(account, after, (f"{account.username} was only kept for the record", *given.reasons))
        if change is not None and not self._scope.overwrite:
            return Verdict(findings=(drift(change),))
        return Verdict(change)

    def rename(self, student: Student, account: Account) -> Verdict:
        """The rename that mapping now proposes for an account, whatever else differs (`trackone rename`)."""
        entry = self._entry(student, account)
        wanted = self._mapper.desire(student, self._groups(entry))
        username, reasons, said = self._username(student, account, wanted, entry)
        change = difference(account, account._replace(username=username), reasons)
        return Verdict(change, None, said)

    def wish(self, student: Student, account: Account) -> Move | None:
        """Under policy adopt: the login the account should be renamed to, if renames are allowed at all."""
        if not self.adopts:
            return None
        entry = self._entry(student, account)
        if entry is None or not entry.login or entry.login == account.username or _unusable(entry.login):
            return None
        if student.status is not Status.ACTIVE or not self._scope.covers(student.year_level):
            return None
        if account.archived and account.archived_by != SYNC:
            return None
        return Move(fold_key(account.username), fold_key(entry.login))

    def missing(self, account: Account, reads: int) -> Verdict:
        """What becomes of a claimed account whose code a complete read does not show, for the `reads`-th time."""
        if account.archived or not self._scope.covers(account.year_level):
            return SETTLED
        wait = self._scope.missing_reads - reads
        if self._scope.missing == "archive" and self._scope.overwrite and wait <= 0:
            return Verdict(archive(account, f"missing from {reads} complete reads of the SIS"))
        if self._scope.missing == "archive" and self._scope.overwrite:
            more = "one more complete read" if wait == 1 else f"{wait} more complete reads"
            next_step = f"It will be archived after {more} of the SIS without it."
        else:
            next_step = f"If the student has left: trackone accounts archive {account.username}"
        return Verdict(
            findings=(
                finding(
                    "missing-from-sis",
                    sis_code=account.sis_code,
                    username=account.username,
                    detail="The SIS read does not show this student at all; the account is left as it is.",
                    suggestion=next_step,
                ),
            )
        )

    # -- a student without one ----------------------------------------------------------------------------

    def consider(self, student: Student) -> Skip | tuple[DesiredAccount, DirectoryEntry | None]:
        """What mapping wants for a student without an account, and their directory entry; or why not now."""
        skip = self._not_now(student)
        if skip is not None:
            return skip
        entry = None if self._directory is None else self._entry(student, None)
        return self._mapper.desire(student, self._groups(entry)), entry

    def created(self, student: Student, wanted: DesiredAccount, entry: DirectoryEntry | None) -> Verdict:
        """The Create of an active student in scope, with the first username that is free."""
        given_names, family_name, email, year_level, campus, grants, denies, _, name = wanted
        proposal = self._proposal(name, entry) if self._policy == "adopt" else name
        if isinstance(proposal, Refusal):
            return Verdict(skip=Skip(student.sis_code, *proposal))
        reasons: tuple[str, ...]
        if self._names.give_first(proposal.base, student.sis_code):
            username, reasons = proposal.base, NEW
        else:
            given = self._names.allocate(proposal, student, entry.login if entry else "")
            if isinstance(given, Skip):
                return self._linked(student, wanted, entry, proposal) or Verdict(skip=given)
            username, reasons = given.username, NEW + given.reasons
        if self._policy == "require" and not self._confirmed(entry, username):
            return Verdict(skip=self._held_by_policy(student, entry, username))
        roles, email_by, stable_id = (
            effective_roles(grants, denies),
            SYNC if email else "",
            entry.stable_id if entry else "",
        )
        account = tuple.__new__(
            Account,
            (
                username, student.sis_code, STUDENT, family_name, given_names, email,
                roles, True, False, self._local_password, False, year_level, campus,
                (), grants, denies, "", "", email_by, True, stable_id, None, 0, 0,
            ),
        )  # fmt: skip
        change = tuple.__new__(Change, (CREATE, None, account, (), reasons))
        return tuple.__new__(Verdict, (change, None, ()))

    def own_login_first(self, wanted: DesiredAccount, entry: DirectoryEntry | None) -> bool:
        """Whether the student's own network login is among the candidates: these are served before the rest."""
        if entry is None or not entry.login or isinstance(wanted.name, Refusal):
            return False
        login = case_key(entry.login)
        if case_key(wanted.name.base) == login:
            return True
        return any(case_key(candidate) == login for candidate in wanted.name.candidates())

    # -- the parts ----------------------------------------------------------------------------------------

    def _not_now(self, student: Student) -> Skip | None:
        """Why nothing is done for a student today; None for one who is here and in scope."""
        if student.status is ACTIVE:
            return None if self._scope.covers(student.year_level) else self._out_of_scope(student)
        if student.status in GONE:
            return Skip(student.sis_code, "not-active", f"{student.status} in the SIS")
        if student.status is Status.UNKNOWN:
            return Skip(
                student.sis_code,
                "status-unknown",
                "The SIS status word is in no list; the account, if any, is left as it is",
                "Add the word to [sis.status] in connector.toml",
            )
        starts = f" (starts {student.entry_date.isoformat()})" if student.entry_date else ""
        return Skip(student.sis_code, "not-active", f"a future student in the SIS{starts}")

    def _out_of_scope(self, student: Student) -> Skip:
        year = student.year_level or student.year_level_raw
        detail = f"year level {year} is not synchronised" if year else "no year level in the SIS"
        return Skip(student.sis_code, "year-level-out-of-scope", detail)

    def _leaver(self, student: Student, account: Account) -> Verdict:
        if account.archived:
            return SETTLED
        if not self._scope.covers(account.year_level):
            detail = f"{student.status} in the SIS, but year level {account.year_level or '-'} is not synchronised"
            return Verdict(skip=Skip(student.sis_code, "year-level-out-of-scope", detail))
        change = archive(account, f"{student.status} in the SIS")
        return Verdict(change) if self._scope.overwrite else Verdict(findings=(drift(change),))

    def _entry(self, student: Student, account: Account | None) -> DirectoryEntry | None:
        if self._directory is None:
            return None
        login = account.username if account else ""
        stable_id = account.stable_id if account else ""
        return self._directory.entry_of(student.sis_code, login, stable_id)

    def _groups(self, entry: DirectoryEntry | None) -> frozenset[str] | None:
        """The entry's groups; nothing known (None) where a configured directory was not read to its end."""
        if self._directory is None:
            return NO_GROUPS if self._policy == "none" else None
        return entry.groups if entry else NO_GROUPS

    def _revised(self, account: Account, wanted: DesiredAccount, entry: DirectoryEntry | None) -> Account:
        """The account with what the SIS and the rules want; a blank in the SIS erases no e-mail, year or campus."""
        email_is_theirs = not wanted.email or account.email_by.startswith("scim:")
        grants, denies = merge_grants(account.grants, account.denies, wanted, self._rules.roles)
        after = account._replace(
            family_name=wanted.family_name,
            given_names=wanted.given_names,
            email=account.email if email_is_theirs else wanted.email,
            year_level=wanted.year_level or account.year_level,
            campus=wanted.campus or account.campus,
            roles=effective_roles(grants, denies),
            archived=False,
        )
        if after == account:
            return account
        return after._replace(
            grants=grants,
            denies=denies,
            archived_by="",
            email_by=SYNC if after.email != account.email else account.email_by,
            claimed=True,
            stable_id=(entry.stable_id if entry else "") or account.stable_id,
        )

    def _username(
        self, student: Student, account: Account, wanted: DesiredAccount, entry: DirectoryEntry | None
    ) -> tuple[str, tuple[str, ...], tuple[Finding, ...]]:
        """The username an existing account should have, why, and what to say where it may not have it."""
        proposal = wanted.name
        stay = (account.username, (), ())
        if self._policy == "adopt":
            return self._adopted(account, entry) if entry is not None and entry.login else stay
        if isinstance(proposal, Refusal) or proposal.could_give(account.username):
            return stay
        if self._breaks_login(account, entry):
            return (account.username, (), (breaks_login(account, proposal.base),))
        if not self._powers.rename:
            if not self._scope.overwrite:
                return (proposal.base, (), ())
            return (account.username, (), (rename_waits(account, proposal.base, self._rules.scope.renames),))
        return self._renamed(student, account, proposal, entry)

    def _adopted(self, account: Account, entry: DirectoryEntry) -> tuple[str, tuple[str, ...], tuple[Finding, ...]]:
        """The keyed entry's login, verbatim, where the rename is possible in this plan."""
        if entry.login == account.username or _unusable(entry.login):
            return account.username, (), ()
        if account.id in self.moving:
            self._names.claim(entry.login, account.sis_code)
            return entry.login, (f"the directory's login is {entry.login}",), ()
        if not self._powers.rename:
            if not self._scope.overwrite:
                return entry.login, (), ()
            return account.username, (), (rename_waits(account, entry.login, self._rules.scope.renames),)
        return account.username, (), (name_is_taken(account, entry.login),)

    def _renamed(
        self, student: Student, account: Account, proposal: Proposal, entry: DirectoryEntry | None
    ) -> tuple[str, tuple[str, ...], tuple[Finding, ...]]:
        """The new name, unless another account holds or has reserved it: then only a person may dodge."""
        in_the_way = "" if self._powers.dodge else self._names.in_the_way(proposal.base, student, account.id)
        if in_the_way:
            return account.username, (), (name_is_taken(account, proposal.base, in_the_way),)
        given = self._names.allocate(proposal, student, entry.login if entry else "", own=account.id)
        if isinstance(given, Skip):
            return account.username, (), (name_is_taken(account, proposal.base, given.detail),)
        return given.username, (f"mapping now gives {proposal.base}", *given.reasons), ()

    def _breaks_login(self, account: Account, entry: DirectoryEntry | None) -> bool:
        """Whether the account's username is the student's own network login, which a rename would break."""
        if entry is None or self._powers.anyway or self._policy == "none":
            return False
        return case_key(entry.login) == case_key(account.username)

    def _proposal(self, name: Proposal | Refusal, entry: DirectoryEntry | None) -> Proposal | Refusal:
        """Mapping's proposal; under adopt the keyed entry's login instead, once the directory is read whole."""
        if self._policy != "adopt":
            return name
        if self._directory is None:
            return Refusal("held-by-directory-policy", "the directory was not read to its end", RETRY)
        if entry is None or not entry.login:
            return name
        unusable = _unusable(entry.login)
        return (
            Refusal("username-invalid", f"the network login {unusable}", FIX_LOGIN)
            if unusable
            else verbatim(entry.login)
        )

    def _confirmed(self, entry: DirectoryEntry | None, username: str) -> bool:
        """Under require: whether an enabled entry of this student has this login."""
        if self._policy != "require":
            return True
        return entry is not None and entry.enabled and case_key(entry.login) == case_key(username)

    def _held_by_policy(self, student: Student, entry: DirectoryEntry | None, username: str) -> Skip:
        if self._directory is None:
            detail, next_step = "the directory was not read to its end", RETRY
        elif entry is None:
            detail = f"no directory entry has the key {student.sis_code}"
            next_step = "Create the network account, or fill its key attribute."
        elif not entry.enabled:
            detail, next_step = f"the network account {entry.login} is disabled", "Enable it in the directory."
        else:
            detail = f"the username would be {username} but the network login is {entry.login}"
            next_step = 'Correct either side, or use [directory] policy = "adopt".'
        return Skip(student.sis_code, "held-by-directory-policy", detail, next_step)

    def _linked(
        self, student: Student, wanted: DesiredAccount, entry: DirectoryEntry | None, proposal: Proposal
    ) -> Verdict | None:
        """The account without a SIS code that holds the base, when the directory proves it is this student's."""
        if entry is None or case_key(entry.login) != case_key(proposal.base) or not self._scope.overwrite:
            return None
        holder = self._names.holder(fold_key(proposal.base))
        if not isinstance(holder, Holder) or holder.sis_code or holder.retired or holder.archived:
            return None
        if holder.user_type is not UserType.STUDENT:
            return None
        account = self._names.account(holder)
        if account is None:
            return None
        after = self._revised(account, wanted, entry)._replace(sis_code=student.sis_code, claimed=True)
        change = difference(account, after, (f"linked-by-directory: the login {entry.login} is keyed to this code",))
        return Verdict(change)


FIX_LOGIN = "Correct the login in the directory."


def _unusable(login: str) -> str:
    """Why nobody can sign in to TrackOne with a login, in words; empty for a good one."""
    if any(not sign.isprintable() or sign.isspace() for sign in login):
        return "holds a blank or an invisible sign"
    unsafe = unsafe_email_part(login) if "@" in login else unsafe_part(login)
    return f"holds {unsafe}" if unsafe else ""


RETRY = "Run again when the directory can be read."
