"""SCIM writes: each is a plan of one change, decided by the rules of the house and recorded in the client's run.

Whose value stands is decided attribute by attribute: what the SIS owns of an account that a SIS row has claimed is
left as it is and named, and the rest of the request is done. A request is never refused for it, since an
`active = false` beside it must not be lost.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

from connector.domain.account import Account, Holder, UserType
from connector.domain.errors import OperationError
from connector.domain.plan import Action, Change
from connector.domain.ports import Clock, Credential
from connector.domain.ruleset import RuleSet
from connector.domain.scim import (
    ACCEPTED,
    ALARMED,
    Caller,
    Desk,
    DeskReader,
    DeskWriter,
    Document,
    Draw,
    Group,
    Person,
    ScimRules,
    Stamp,
    Wanted,
    deleted_by,
    role_names,
)
from connector.mapping.keys import fold_key
from connector.planning.decide import RELEASED
from connector.planning.scim_roles import ScimRoleBook
from connector.planning.scim_write import (
    SURVIVING,
    ScimWrites,
    change_of,
    from_scim,
    known_to_sis,
)
from connector.services.parts import CredentialMaker

LEAST_DEACTIVATIONS = 20
"""So many a day a client may always deactivate."""

ROLLING = timedelta(hours=24)
_NEVER = datetime.fromtimestamp(0, UTC)

log = logging.getLogger(__name__)


class Written(NamedTuple):
    """What came of a write: the person as they are now, their text, and which attributes were left to the SIS."""

    person: Person
    document: Document
    ignored: tuple[str, ...] = ()
    created: bool = False


class Step(NamedTuple):
    """One thing to do to a group: name, external, add, remove, clear or replace."""

    what: str
    text: str = ""
    members: tuple[int, ...] = ()


class NotThereError(OperationError):
    """There is no such resource, or none that this client sees."""


class TakenError(OperationError):
    """Another resource has the name or code; `holder` is its id, "" where this client must not know it."""

    def __init__(self, message: str, holder: str) -> None:
        """Keep the id apart."""
        super().__init__(message)
        self.holder = holder


class NoMemberError(OperationError):
    """Accounts that are to be in a group do not exist, or this client does not see them."""


class NotAllowedError(OperationError):
    """The account holds roles that this client may not touch."""


class TooManyError(OperationError):
    """The client has deactivated more SIS-owned accounts in a day than it may."""


def _nobody(_client: str) -> None:
    """Nobody is to be told."""


@dataclass(frozen=True, slots=True)
class Provision:
    """The SCIM writes of one school. `locally` says whether a new account signs in with a password of its own.

    `alert` is told which client the guard begins to hold back.
    """

    desk: Desk
    rules: RuleSet
    scim: ScimRules
    clock: Clock
    credentials: CredentialMaker
    verifier: Callable[[str], str]
    book: ScimRoleBook
    locally: bool = False
    alert: Callable[[str], None] = _nobody

    def look(self, caller: Caller) -> AbstractContextManager[DeskReader]:
        """A view for reading."""
        return self.desk.look(caller.client)

    def glance(self, caller: Caller) -> AbstractContextManager[DeskReader]:
        """A view for one question."""
        return self.desk.glance(caller.client)

    def act(self, caller: Caller) -> AbstractContextManager[DeskWriter]:
        """A transaction for writing."""
        return self.desk.act(caller.client, caller.token)

    @property
    def _writes(self) -> ScimWrites:
        return ScimWrites(self.book, self.scim, self.locally)

    # -- people -------------------------------------------------------------------------------------------

    def create(self, writer: DeskWriter, caller: Caller, wanted: Wanted, draw: Draw) -> Written:
        """Make an account, or restore the one that this client deleted and the SIS knows. Raises TakenError."""
        holder = _holder(writer, wanted.username)
        old = _deleted(writer, caller, holder)
        if old is not None:
            return self._restore(writer, caller, old, wanted, draw)
        account = self._writes.new_account(caller, wanted)
        _require_free(writer, account, holder)
        credential = self._credential(wanted) if wanted.password else self.credentials(writer)
        [account_id] = writer.write([Change(Action.CREATE, None, account, (), (_why(caller),))], credential)
        made, stamp = account._replace(id=account_id, version=1), Stamp(writer.moment, writer.moment)
        person = Person(made, wanted.kept, wanted.external_id, (), stamp)
        document = draw(person)
        writer.keep(person, document, changed=bool(wanted.kept), new=True)
        return Written(person, document, created=True)

    def change(
        self,
        writer: DeskWriter,
        caller: Caller,
        account_id: int,
        revise: Callable[[Person], Wanted],
        draw: Draw,
    ) -> Written:
        """Make the person what `revise` makes of them.

        Raises NotThereError, TakenError, NotAllowedError and TooManyError.
        """
        person = _seen(writer, account_id)
        wanted = revise(person)
        after, ignored = self._writes.revised(caller, person, wanted)
        before = person.account
        if after == before and wanted.kept == person.kept and not wanted.password:
            return Written(person, draw(person), ignored)
        self._require_allowed(caller, before)
        if _names(after) != _names(before):
            _require_free(writer, after, _holder(writer, after.username))
        self._guard(writer, caller, before, after)
        kept_changed = wanted.kept != person.kept
        writer.write([change_of(before, after, _why(caller), other=kept_changed)])
        if self._set_password(writer, account_id, wanted.password):
            now = _seen(writer, account_id).account
        else:
            now = after._replace(version=before.version + 1)
        known_as = dict(after.external_ids).get(caller.client, "")
        stamp = Stamp(person.stamp.created, writer.moment)
        person = Person(now, wanted.kept, known_as, person.groups, stamp)
        document = draw(person)
        writer.keep(person, document, changed=kept_changed)
        return Written(person, document, ignored)

    def delete(self, writer: DeskWriter, caller: Caller, account_id: int) -> None:
        """Archive the account and hide it from this client; one that only SCIM ever owned gives its name back.

        Raises NotThereError, NotAllowedError, TooManyError.
        """
        person = _seen(writer, account_id)
        before = person.account
        self._require_allowed(caller, before)
        others = f"{before.archived_by}," if before.archived_by.startswith("scim:") else ""
        after = before._replace(archived=True, archived_by=f"{others}scim:{caller.client}")
        if not known_to_sis(before) and before.live:
            after = after._replace(username=f"{before.username}{RELEASED}{before.id}")
        self._guard(writer, caller, before, after)
        for group in person.groups:
            writer.drop_members(group.group_id, [account_id])
            writer.change_group(group.group_id, None, None)
        writer.write([change_of(before, after, _why(caller))])
        if after.username != before.username:
            writer.free_name(fold_key(before.username))

    # -- groups -------------------------------------------------------------------------------------------

    def create_group(
        self, writer: DeskWriter, caller: Caller, name: str, external_id: str, members: Collection[int]
    ) -> Group:
        """Make a group. Raises TakenError when another has the name, NoMemberError for members that there are not."""
        self._require_free_group(writer, name, own="")
        group_id = uuid4().hex
        writer.new_group(group_id, name, external_id)
        self._roles_changed(writer, caller, {name}, _add_members(writer, group_id, members))
        return _there(writer, group_id)

    def change_group(self, writer: DeskWriter, caller: Caller, group_id: str, steps: Sequence[Step]) -> Group:
        """Do the steps in order; those that change nothing leave the group's version as it is.

        Raises NotThereError, TakenError, NotAllowedError, and NoMemberError for members that there are not.
        """
        group = _there(writer, group_id)
        names, touched = {group.display_name}, set[int]()
        name: str | None = None
        external_id: str | None = None
        for step in steps:
            if step.what == "name" and step.text != (name or group.display_name):
                self._require_free_group(writer, step.text, own=group_id)
                name = step.text
                names.add(step.text)
            elif step.what == "external" and step.text != group.external_id:
                external_id = step.text
            else:
                touched.update(_move_members(writer, group_id, step))
        if name is None and external_id is None and not touched:
            return group
        writer.change_group(group_id, name, external_id)
        everybody = [member.account_id for member in writer.members(group_id)] if name else []
        self._roles_changed(writer, caller, names, [*touched, *everybody])
        return _there(writer, group_id)

    def delete_group(self, writer: DeskWriter, caller: Caller, group_id: str) -> None:
        """Remove a group; the roles it gave go with it. Raises NotThereError."""
        group = _there(writer, group_id)
        gone = writer.drop_members(group_id, None)
        writer.drop_group(group_id)
        self._roles_changed(writer, caller, {group.display_name}, gone)

    def alarm(self, caller: Caller) -> None:
        """Tell the operator, once a day and once after each acceptance, that the guard holds this client back."""
        now = self.clock()
        with self.act(caller) as writer:
            told = _moment(writer.state(f"{ALARMED}{caller.client}"))
            if told > max(now - ROLLING, _moment(writer.state(f"{ACCEPTED}{caller.client}"))):
                return
            writer.set_state(f"{ALARMED}{caller.client}", now.isoformat())
        log.warning(
            "SCIM client %s is held back: it has taken as many SIS-owned accounts out of use in 24 hours as it may. "
            "See what it did: trackone runs list; if that is right: trackone token accept %s",
            caller.client,
            caller.client,
        )
        self.alert(caller.client)

    # -- the parts ----------------------------------------------------------------------------------------

    def _restore(self, writer: DeskWriter, caller: Caller, old: Account, wanted: Wanted, draw: Draw) -> Written:
        known_as = dict(old.external_ids).get(caller.client, "")
        if known_as and wanted.external_id and known_as != wanted.external_id:
            message = f"{wanted.username} is reserved for the person with externalId {known_as}"
            raise TakenError(message, str(old.id))
        self._require_allowed(caller, old)
        back = old._replace(archived=False, archived_by="")
        person = Person(back, {}, known_as, (), Stamp(self.clock(), self.clock()))
        known = {key: getattr(old, key) for key in SURVIVING if not getattr(wanted, key)}
        wanted = wanted._replace(**known)
        after, ignored = self._writes.revised(caller, person, wanted)
        _require_free(writer, after, _holder(writer, after.username))
        writer.write([change_of(old, after, _why(caller))])
        self._set_password(writer, old.id, wanted.password)
        there = _seen(writer, old.id)
        person = there._replace(kept=wanted.kept, stamp=Stamp(there.stamp.created, writer.moment))
        document = draw(person)
        writer.keep(person, document, changed=True)
        return Written(person, document, ignored, created=True)

    def _roles_changed(
        self, writer: DeskWriter, caller: Caller, names: Collection[str], account_ids: Collection[int]
    ) -> None:
        """After members came or went: the roles that groups of these names give or gave."""
        if not any(map(self.book.concerns, names)):
            return
        changes = []
        for account_id in sorted(set(account_ids)):
            person = writer.person(account_id)
            if person is None:
                continue
            held = role_names(person.kept)
            groups = (group.display_name for group in person.groups)
            names_now = (*held, *groups)
            self._require_kept(caller, person.account, names_now)
            after = self._writes.with_roles(caller, person.account, names_now)
            if after != person.account:
                changes.append(change_of(person.account, after, _why(caller)))
        writer.write(changes)

    def _require_kept(self, caller: Caller, account: Account, names: Collection[str]) -> None:
        """Raises NotAllowedError where an account would lose a protected role that this client may not touch."""
        if "protected" in caller.scopes:
            return
        held = self.book.protected(account).intersection(from_scim(account))
        lost = held.difference(self.book.roles(account, names, protected=True)) if held else held
        if lost:
            raise NotAllowedError(
                f"user {account.id} has the protected role {', '.join(sorted(lost))} by this group: "
                f"taking it away needs a token with the scope protected"
            )

    def _require_free_group(self, writer: DeskWriter, name: str, own: str) -> None:
        holder = writer.group_of_name(name)
        if holder is not None and holder != own:
            raise TakenError(f"displayName {name} is that of group {holder}", holder)

    def _require_allowed(self, caller: Caller, account: Account) -> None:
        protected = self.book.protected(account)
        if protected and not ("protected" in caller.scopes and protected <= self.rules.roles.allow_protected):
            names = ", ".join(sorted(protected))
            raise NotAllowedError(f"the account holds the protected role {names}: it is read-only over SCIM")

    def _guard(self, writer: DeskWriter, caller: Caller, before: Account, after: Account) -> None:
        """Hold back a client that takes many SIS-owned accounts out of use in a day."""
        was, now = before.approved and before.live, after.approved and after.live
        renamed = after.username != before.username
        if not before.claimed or not ((was and not now) or renamed):
            return
        most = max(LEAST_DEACTIVATIONS, int(writer.claimed_count() * self.scim.max_deactivations / 100))
        since = max(self.clock() - ROLLING, _moment(writer.state(f"{ACCEPTED}{caller.client}")))
        if writer.deactivations(since) >= most:
            raise TooManyError(
                f"this client has deactivated, deleted or renamed {most} SIS-owned accounts within 24 hours, "
                f"which is the most it may ([scim] max_deactivations); the school's administrator can accept more"
            )
        writer.note_deactivation(before.id)

    def _credential(self, wanted: Wanted) -> Callable[[], Credential]:
        given = Credential(self.verifier(wanted.password))
        return lambda: given

    def _set_password(self, writer: DeskWriter, account_id: int, password: str) -> bool:
        """Set the password where one is given; whether it was."""
        if password:
            writer.set_credential(account_id, Credential(self.verifier(password)))
        return bool(password)


def _names(account: Account) -> tuple[str, str, UserType]:
    """What no other account may have."""
    return account.username, account.sis_code, account.user_type


def _why(caller: Caller) -> str:
    return f"SCIM client {caller.client}, token {caller.token}"


def _seen(reader: DeskReader, account_id: int) -> Person:
    person = reader.person(account_id)
    if person is None:
        raise NotThereError(f"there is no user {account_id}")
    return person


def _moment(noted: str | None) -> datetime:
    return datetime.fromisoformat(noted) if noted else _NEVER


def _there(reader: DeskReader, group_id: str) -> Group:
    group = reader.group(group_id)
    if group is None:
        raise NotThereError(f"there is no group {group_id}")
    return group


def _holder(writer: DeskWriter, username: str) -> Holder | None:
    """Who has the name, or has it reserved."""
    key = fold_key(username)
    return writer.holders([key]).get(key)


def _deleted(writer: DeskWriter, caller: Caller, holder: Holder | None) -> Account | None:
    """The account that the SIS knows and this client deleted, where it is the holder of the wanted name."""
    if holder is None or not holder.archived or holder.retired:
        return None
    old = writer.account(holder.account_id)
    if old is None or not deleted_by(old.archived_by, caller.client):
        return None
    return old if known_to_sis(old) else None


def _require_free(writer: DeskWriter, account: Account, holder: Holder | None) -> None:
    """Raises TakenError when another account is the holder of the name or, of a student, has the code."""
    if holder is not None and holder.account_id != account.id:
        what = "is reserved for its former holder," if holder.retired else "is held by"
        shown = _shown(writer, holder.account_id)
        raise TakenError(f"userName {account.username} {what}{_number(shown)}", shown)
    if not account.sis_code or account.user_type is not UserType.STUDENT:
        return
    for known in writer.students_by_code([fold_key(account.sis_code)]):
        if known.account.id != account.id:
            shown = _shown(writer, known.account.id)
            raise TakenError(f"sisCode {account.sis_code} is held by{_number(shown)}", shown)


def _shown(reader: DeskReader, account_id: int) -> str:
    """The id of an account that this client sees, or nothing."""
    return str(account_id) if reader.document(account_id) is not None else ""


def _number(shown: str) -> str:
    return f" user {shown}" if shown else " an account that this client does not see"


def _move_members(writer: DeskWriter, group_id: str, step: Step) -> list[int]:
    """Do one step to the members; returns who came or went."""
    if step.what == "add":
        return _add_members(writer, group_id, step.members)
    if step.what == "remove":
        return writer.drop_members(group_id, step.members)
    if step.what == "clear":
        return writer.drop_members(group_id, None)
    if step.what == "replace":
        wanted = set(step.members)
        gone = [member.account_id for member in writer.members(group_id) if member.account_id not in wanted]
        return [*writer.drop_members(group_id, gone), *_add_members(writer, group_id, step.members)]
    return []


def _add_members(writer: DeskWriter, group_id: str, account_ids: Collection[int]) -> list[int]:
    """Put accounts into a group; returns those that were not in it. Raises NoMemberError."""
    fresh = writer.add_members(group_id, account_ids)
    others = sorted(set(account_ids).difference(fresh))
    if others:
        seen = {one.account_id for one in writer.documents(others)}
        unknown = [str(number) for number in others if number not in seen]
        if unknown:
            raise NoMemberError(f"there is no user {', '.join(unknown[:10])}")
    return fresh
