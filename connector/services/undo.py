"""The inverse of a run: a plan that puts back what it changed, except where somebody went on since."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from connector.domain.account import Account, export
from connector.domain.errors import StoreError
from connector.domain.finding import finding
from connector.domain.plan import WITHOUT_COLUMN, Action, Change, Counts, Plan, Skip
from connector.domain.ports import AccountReader, Store
from connector.domain.run import SCRUBBED, Run
from connector.planning.plan_file import fingerprinted
from connector.services.parts import Parts

NOT_PUT_BACK = "attributes that TrackOne has no column for stay as they are: the record does not hold them"


class Inverse(NamedTuple):
    """What undoes one change, or why it is left, or what is done instead of removing a used account."""

    change: Change | None
    left: str = ""


def undo_plan(parts: Parts, number: int) -> Plan:
    """The plan that undoes a run; rows touched since are left and named. Raises StoreError for no such run."""
    run = _undoable(parts, number)
    released = str(run.summary.get("releases", ""))
    changes: list[Change] = []
    skips: list[Skip] = []
    findings = []
    with parts.store.view() as accounts:
        for done, between in _by_account(outcome.change for outcome in parts.store.outcomes(number)):
            now = _now(accounts, done)
            touched = now is not None and (between or _touched(parts.store, done, now))
            inverse = _inverse(done, now, number, touched=touched)
            if released:
                inverse = _reserving(accounts, inverse, released)
            if inverse.change is not None:
                changes.append(inverse.change)
            if inverse.left:
                subject = done.subject
                findings.append(
                    finding(
                        "touched-since",
                        sis_code=subject.sis_code,
                        username=subject.username,
                        detail=inverse.left,
                        suggestion=f"See what happened: trackone why {subject.username}",
                    )
                )
                if inverse.change is None:
                    skips.append(Skip(subject.sis_code, "touched-since", f"{subject.username}: {inverse.left}"))
    return fingerprinted(
        Plan(
            created_at=parts.clock(),
            changes=tuple(reversed(changes)),
            skips=tuple(skips),
            findings=tuple(findings),
            counts=_counts(changes, skips),
            kind="undo",
            undoes=number,
        )
    )


def _undoable(parts: Parts, number: int) -> Run:
    run = next((one for one in parts.store.runs() if one.number == number), None)
    if run is None:
        raise StoreError(f"There is no run {number}", hint="List the runs: trackone runs list")
    if SCRUBBED in run.summary:
        day = str(run.summary[SCRUBBED])[:10]
        raise StoreError(
            f"Run {number} cannot be undone: what it changed was removed from the record on {day}",
            hint="How long it is kept: [retention] runs in connector.toml.",
        )
    return run


def _reserving(accounts: AccountReader, inverse: Inverse, name_key: str) -> Inverse:
    """The inverse of giving a username up, which keeps it for its owner again; unless somebody took it since."""
    change = inverse.change
    if change is None or change.before is None:
        return inverse
    holder = accounts.holders([name_key]).get(name_key)
    if holder is not None and holder.account_id != change.before.id:
        state = "reserved for" if holder.retired else "held by"
        return Inverse(None, f"the username {name_key} is {state} {holder.sis_code or holder.username} by now")
    return Inverse(change._replace(reasons=(*change.reasons, f"keeps {name_key} for its owner again")), inverse.left)


def _by_account(changes: Iterable[Change]) -> Iterator[tuple[Change, bool]]:
    """What a run did to each account in all, and whether somebody else changed the account in between.

    A sync changes an account once; the run of a SCIM client is an hour long.
    """
    found: dict[int, tuple[Change, bool]] = {}
    for change in changes:
        image = change.after or change.before
        assert image is not None  # noqa: S101 - a Change has at least one image
        first, between = found.get(image.id, (None, False))
        found[image.id] = (change, False) if first is None else _joined(first, change, between=between)
    yield from found.values()


def _joined(first: Change, then: Change, *, between: bool) -> tuple[Change, bool]:
    follows = first.after is None or then.before is None or first.after.version == then.before.version
    action = Action.CREATE if first.before is None else then.action
    changed = (*first.changed, *then.changed)
    return then._replace(action=action, before=first.before, changed=changed), between or not follows


def _now(accounts: AccountReader, done: Change) -> Account | None:
    image = done.after or done.before
    return accounts.account(image.id) if image is not None else None


def _touched(store: Store, done: Change, now: Account) -> bool:
    """Whether the account is no longer as the run left it.

    One that was changed and put back counts as untouched; a password set since leaves no image, but moves the
    version on beyond the recorded changes.
    """
    after = done.after
    if after is None or now.version == after.version:
        return False
    if now != after._replace(version=now.version, last_sign_in=now.last_sign_in):
        return True
    return now.version != len(store.history(now.id))


def _inverse(done: Change, now: Account | None, number: int, *, touched: bool) -> Inverse:
    reason = (f"undoes run {number}",)
    if done.after is None:
        if now is not None:
            return Inverse(None, "the account exists again")
        return Inverse(Change(Action.CREATE, None, done.before, (), reason))
    if now is None:
        return Inverse(None, "the account is gone")
    if done.before is None:
        return _inverse_of_create(now, reason, touched=touched)
    if touched:
        return Inverse(None, "the account was changed since")
    return _put_back(done, done.before, now, reason)


def _put_back(done: Change, before: Account, now: Account, reason: tuple[str, ...]) -> Inverse:
    """What makes the account again what it was before."""
    after = before._replace(version=now.version, last_sign_in=now.last_sign_in)
    stays = (NOT_PUT_BACK,) if WITHOUT_COLUMN in done.changed else ()
    if after == now and stays and "username" not in done.changed:  # whose names may have been reserved or freed
        return Inverse(None, *stays)
    return Inverse(Change(_action(now, after), now, after, _changed(now, after), (*reason, *stays)))


def _inverse_of_create(now: Account, reason: tuple[str, ...], *, touched: bool) -> Inverse:
    """Remove an account nobody used; archive one that was used, since its work may hang on it."""
    if not touched and now.last_sign_in is None and not now.external_ids:
        return Inverse(Change(Action.REMOVE, now, None, (), reason))
    if now.archived:
        return Inverse(None, "the account was changed since, and is archived already")
    why = "changed" if touched else "signed into" if now.last_sign_in is not None else "linked"
    archive = Change(Action.ARCHIVE, now, now._replace(archived=True, archived_by="person"), ("archived",), reason)
    return Inverse(archive, f"the account was {why} since it was created: it is archived, not removed")


def _changed(now: Account, after: Account) -> tuple[str, ...]:
    old, new = export(now), export(after)
    return tuple(key for key, value in new.items() if value != old[key])


def _action(now: Account, after: Account) -> Action:
    if now.archived and not after.archived:
        return Action.RESTORE
    if after.archived and not now.archived:
        return Action.ARCHIVE
    return Action.RENAME if now.username != after.username else Action.UPDATE


def _counts(changes: list[Change], skips: list[Skip]) -> Counts:
    numbers = dict.fromkeys((action.value for action in Action), 0)
    for change in changes:
        numbers[change.action.value] += 1
    return Counts(**numbers, skip=len(skips))
