"""One-time passwords for accounts that a run created and nobody has used: set, and handed over to be printed once."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from connector.domain.account import Account
from connector.domain.errors import OperationError, SourceError, StoreError
from connector.domain.plan import Action
from connector.domain.ports import AccountReader, Credential, Progress, RunRequest
from connector.domain.run import SCRUBBED, Run
from connector.domain.student import Student
from connector.mapping.keys import case_key, fold_key
from connector.report.glossary import year_label
from connector.services.decision import CODE_KIND, Request
from connector.services.parts import Parts

log = logging.getLogger(__name__)

VALID = timedelta(days=14)
COMMAND = "slips"

Hash = Callable[[Sequence[str], Callable[[int], None]], list[str]]
"""The verifiers of passwords, in their order; tells how many are done."""


class Recipient(NamedTuple):
    """Somebody who is to get a slip: the account, and the class it is handed out in ("" where that is not known)."""

    account: Account
    group: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Who gets a slip, and how many do not, by the reason; `note` says what could not be known."""

    run: int
    recipients: tuple[Recipient, ...]
    left_out: Mapping[str, int]
    note: str = ""


class Printed(NamedTuple):
    """A slip to print, with the only copy of its password."""

    recipient: Recipient
    password: str


class _Place(NamedTuple):
    """Where a student is: the home group, and every class by its case_key."""

    homegroup: str
    classes: frozenset[str]


def select(parts: Parts, number: int, class_: str, request: Request, *, again: bool) -> Selection:
    """Who gets a slip for run `number`, by class: a home group or any class of the SIS, all where it is "".

    With `again` also those who have one, or a password set by hand. Raises StoreError for a run there never was or
    whose details were removed, SourceError where the class is asked for and the SIS cannot be read.
    """
    run = next((one for one in parts.store.runs() if one.number == number), None)
    if run is None:
        raise StoreError(f"There is no run {number}", hint="List the runs: trackone runs list")
    if SCRUBBED in run.summary:
        raise StoreError(f"What run {number} did was removed from the record, as [retention] runs asks")
    have = {} if again else _have_one(parts.store.runs())
    left_out: dict[str, int] = {}
    fit: list[Account] = []
    with parts.store.view() as accounts:
        for account in _created(parts, accounts, number):
            reason = _unfit(account, have)
            if reason:
                left_out[reason] = left_out.get(reason, 0) + 1
            else:
                fit.append(account)
        places, note = _places(parts, accounts, fit, request, required=bool(class_))
    chosen = [one for one in fit if not class_ or case_key(class_) in _classes(places, one)]
    if len(chosen) < len(fit):
        left_out[f"not in {class_}"] = len(fit) - len(chosen)
    recipients = sorted((Recipient(one, _group(places, one, class_)) for one in chosen), key=_order)
    return Selection(number, tuple(recipients), left_out, note)


def issue(
    parts: Parts,
    selection: Selection,
    password: Callable[[], str],
    hashed: Hash,
    hand_over: Callable[[Sequence[Printed]], None],
    origin: str,
    actor: str,
    progress: Progress,
) -> list[Printed]:
    """Set a fresh one-time password for each, and hand the slips over before that becomes true.

    The passwords are kept as argon2id verifiers only, must be changed at the first sign-in and last VALID. Whoever
    signed in or was changed in the meantime is left as they are. `hand_over` runs inside the transaction: when it
    fails, or the process dies, no password was set. Raises what it raises, and StoreError.
    """
    passwords = [password() for _ in selection.recipients]
    verifiers = hashed(passwords, lambda done: progress("Making passwords", done, len(passwords)))
    expires = parts.clock() + VALID
    printed: list[Printed] = []
    with parts.store.run(RunRequest(COMMAND, origin, actor)) as writer:
        for recipient, secret, verifier in zip(selection.recipients, passwords, verifiers, strict=True):
            if writer.account(recipient.account.id) == recipient.account:
                writer.set_credential(recipient.account.id, Credential(verifier, must_change=True, expires=expires))
                printed.append(Printed(recipient, secret))
        if not printed:
            raise OperationError("Every account was changed or signed into meanwhile; nothing was set")
        ids = [one.recipient.account.id for one in printed]
        writer.close({}, {"slips": selection.run, "accounts": ids}, ())
        hand_over(printed)
    log.info("run %d: %d one-time passwords set for run %d", writer.number, len(printed), selection.run)
    return printed


def until(now: datetime) -> datetime:
    """How long slips that are made now hold."""
    return now + VALID


def _created(parts: Parts, accounts: AccountReader, number: int) -> list[Account]:
    ids = [
        outcome.change.after.id
        for outcome in parts.store.outcomes(number)
        if outcome.change.action is Action.CREATE and outcome.change.after is not None
    ]
    if not ids:
        raise OperationError(
            f"Run {number} created no account", hint="Slips are for new accounts; see: trackone runs list"
        )
    return [account for one in ids if (account := accounts.account(one)) is not None]


def _have_one(runs: Sequence[Run]) -> dict[int, str]:
    """The accounts whose password somebody holds already, and since which run."""
    have: dict[int, str] = {}
    for run in reversed(runs):
        if run.command == COMMAND:
            have |= dict.fromkeys(run.summary.get("accounts", ()), f"have a slip of run {run.number}")
        elif run.command == "accounts set-password":
            have[run.summary.get("account", 0)] = f"have a password set by hand in run {run.number}"
    return have


def _unfit(account: Account, have: Mapping[int, str]) -> str:
    if account.archived:
        return "archived"
    if account.last_sign_in is not None:
        return "signed in already"
    return have.get(account.id, "") if account.approved else "not approved"


def _places(
    parts: Parts, accounts: AccountReader, fit: Sequence[Account], request: Request, *, required: bool
) -> tuple[dict[str, _Place], str]:
    """Where the SIS has these accounts' students now, and why that is not known, where it is not needed."""
    wanted = {fold_key(one.sis_code) for one in fit if one.sis_code}
    found: dict[str, _Place] = {}
    try:
        reading = parts.source.open(request.as_of, accounts.state(CODE_KIND) or "")
        for row in reading.rows():
            if (key := fold_key(reading.code(row))) in wanted:
                student = reading.student(row)
                if isinstance(student, Student):
                    found[key] = _Place(student.homegroup, frozenset(map(case_key, student.classes)))
    except SourceError as error:
        if required:
            raise
        return {}, f"The classes are not known: {error.message}"
    return found, ""


def _classes(places: Mapping[str, _Place], account: Account) -> frozenset[str]:
    place = places.get(fold_key(account.sis_code))
    return place.classes | {case_key(place.homegroup)} if place else frozenset()


def _group(places: Mapping[str, _Place], account: Account, class_: str) -> str:
    """Year and home group; the class that was asked for stands for both."""
    if class_:
        return class_
    place = places.get(fold_key(account.sis_code))
    year = year_label(account.year_level) if account.year_level else ""
    return " · ".join(part for part in (year, place.homegroup if place else "") if part)


def _order(one: Recipient) -> tuple[int, str, str, str, str]:
    account = one.account
    year = int(account.year_level) if account.year_level.isdigit() else 0
    return year, one.group, fold_key(account.family_name), fold_key(account.given_names), account.username
