"""Apply a plan that was made and shown before: exactly its rows, if they are still true."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from connector.domain.account import Holder, UserType
from connector.domain.errors import GuardError, PlanError
from connector.domain.plan import Action, Change, Plan
from connector.domain.ports import AccountReader, Progress, RunRequest, RunWriter
from connector.mapping.keys import fold_key
from connector.services.again import again_after_conflict
from connector.services.parts import Parts
from connector.services.remember import Moments, put_back_facts, remember_codes, remember_facts
from connector.services.reuse import end_expired

BATCH = 5_000
NAMED = 20


@dataclass(frozen=True, slots=True)
class Drift:
    """A row of a plan that is no longer true: whose, and what became of it."""

    change: Change
    why: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What apply did: the run, whether it had been applied before, how many changes, which rows had drifted."""

    run: int
    already: bool
    done: int
    drifted: tuple[Drift, ...] = ()


@again_after_conflict
def apply_plan(
    parts: Parts,
    plan: Plan,
    origin: str,
    actor: str,
    *,
    accept: Collection[str] = (),
    rest: bool = False,
    command: str = "apply",
    progress: Progress,
) -> Applied:
    """Do what the plan says and nothing else, in one transaction with its record.

    Raises GuardError when the plan was refused and nobody accepted it, PlanError when it has expired or a row
    drifted (all named; `rest` does the others instead), StoreError when the store fails.
    """
    already = parts.store.applied_as(plan.fingerprint)
    if already is not None:
        return Applied(already, already=True, done=0)
    _not_expired(parts, plan)
    accepted = _accepted(plan, accept)
    with parts.store.run(RunRequest(command, origin, actor, plan.fingerprint, plan.undoes)) as writer:
        end_expired(writer, plan.changes, parts.rules.usernames, parts.clock())
        drifted = find_drift(writer, plan)
        if drifted and not rest:
            raise PlanError(
                _drift_message(drifted), hint="Make it again: trackone plan; or --apply-rest for the others"
            )
        lost = {id(drift.change) for drift in drifted}
        changes = [change for change in plan.changes if id(change) not in lost]
        progress("Writing accounts", 0, len(changes))
        writer.write(changes, parts.credentials(writer))
        progress("Writing accounts", len(changes), len(changes))
        before = _remember(writer, plan, parts.clock())
        if plan.undoes is not None:
            put_back_facts(writer, _facts_before(parts, plan.undoes))
        _close(writer, plan, changes, drifted, accepted, before)
        return Applied(writer.number, already=False, done=len(changes), drifted=tuple(drifted))


def _not_expired(parts: Parts, plan: Plan) -> None:
    age = parts.clock() - plan.created_at
    if age > parts.limits.plan_expires:
        hours = age.total_seconds() / 3600
        raise PlanError(
            f"The plan is {hours:.0f} hours old; plans expire after {parts.limits.plan_expires}",
            hint="Make it again: trackone plan -o plan.json",
        )


def _accepted(plan: Plan, accept: Collection[str]) -> list[str]:
    """The guard codes accepted in the plan or now. Raises GuardError for what nobody accepted."""
    open_lines = [line for line in plan.refused if line.code not in accept]
    if open_lines:
        codes = " ".join(line.code for line in open_lines)
        raise GuardError(
            f"The guard refused this plan: {codes}; nothing was written",
            hint=f"Look at it again; if it is right: trackone apply PLAN --accept {codes}",
        )
    return sorted({line.code for line in plan.guard if line.refused})


def find_drift(accounts: AccountReader, plan: Plan) -> list[Drift]:
    """The rows of the plan that are no longer true, those included that depended on another's name."""
    befores = [change.before.id for change in plan.changes if change.before is not None]
    now = {one.id: one.version for one in accounts.accounts_with(befores)}
    drifted = {id(change): Drift(change, why) for change in plan.changes if (why := _row_drift(now, change))}
    drifted |= _codes_taken(accounts, plan, drifted)
    while True:
        moving = {_id(change) for change in plan.changes if _moves(change) and id(change) not in drifted}
        fresh = {
            id(change): Drift(change, why)
            for change, why in _names_taken(accounts, plan, moving)
            if id(change) not in drifted
        }
        if not fresh:
            return [drifted[id(change)] for change in plan.changes if id(change) in drifted]
        drifted |= fresh


def _row_drift(now: Mapping[int, int], change: Change) -> str:
    """Why a change's account is not as it was; `now` are the versions by id."""
    if change.before is None:
        return ""
    version = now.get(change.before.id)
    if version is None:
        return "the account is gone"
    if version != change.before.version:
        return "the account was changed since the plan was made"
    return ""


def _codes_taken(accounts: AccountReader, plan: Plan, drifted: Collection[int]) -> dict[int, Drift]:
    wanted = {
        fold_key(change.after.sis_code): change
        for change in plan.changes
        if change.after is not None
        and change.after.user_type is UserType.STUDENT
        and change.after.sis_code
        and _gives_code(change)
        and id(change) not in drifted
    }
    found = accounts.students_by_code(list(wanted))
    taken = (wanted[fold_key(known.account.sis_code)] for known in found)
    return {
        id(change): Drift(change, f"an account with the code {change.sis_code} exists by now") for change in taken
    }


def _gives_code(change: Change) -> bool:
    return change.before is None or change.before.sis_code != change.sis_code


def _id(change: Change) -> int:
    return change.before.id if change.before is not None else 0


def _moves(change: Change) -> bool:
    """Whether an account gives up its username."""
    if change.before is None:
        return False
    return change.after is None or fold_key(change.before.username) != fold_key(change.after.username)


def _names_taken(accounts: AccountReader, plan: Plan, moving: Collection[int]) -> Iterator[tuple[Change, str]]:
    wanted = [
        change for change in plan.changes if change.after is not None and (change.before is None or _moves(change))
    ]
    holders = accounts.holders({fold_key(change.username) for change in wanted})
    for change in wanted:
        holder = holders.get(fold_key(change.username))
        if holder is not None and holder.account_id not in moving and holder.account_id != _id(change):
            yield change, f"the username {change.username} is {_held(holder)} by now"


def _held(holder: Holder) -> str:
    return f"{'reserved for' if holder.retired else 'held by'} {holder.sis_code or holder.username}"


def _drift_message(drifted: list[Drift]) -> str:
    lines = [f"  {drift.change.sis_code or drift.change.username}: {drift.why}" for drift in drifted[:NAMED]]
    more = [f"  and {len(drifted) - NAMED} more"] if len(drifted) > NAMED else []
    return "\n".join(
        [f"The plan is stale: {len(drifted)} of its rows are no longer true; nothing was written", *lines, *more]
    )


def _facts_before(parts: Parts, number: int) -> dict[str, str]:
    """What the undone run found remembered."""
    summary = next((run.summary for run in parts.store.runs() if run.number == number), {})
    return dict(summary.get("before") or {})


def _remember(writer: RunWriter, plan: Plan, now: datetime) -> dict[str, str]:
    if plan.read is None:
        return {}
    directory = plan.inputs.get("directory") or {}
    moments = Moments(plan.created_at, now)
    remember_codes(writer, plan.read, moments)
    entries = directory.get("entries") if directory.get("complete") else None
    return remember_facts(writer, plan.read, entries, moments)


def _close(
    writer: RunWriter,
    plan: Plan,
    changes: list[Change],
    drifted: list[Drift],
    accepted: list[str],
    before: dict[str, str],
) -> None:
    counts = {action.value: 0 for action in Action}
    for change in changes:
        counts[change.action.value] += 1
    counts |= {"unchanged": plan.counts.unchanged, "skip": plan.counts.skip, "drifted": len(drifted)}
    summary = {
        "before": before,
        "inputs": plan.inputs,
        "guard": [line._asdict() for line in plan.guard],
        "kind": plan.kind,
    }
    writer.close({key: value for key, value in counts.items() if value}, summary, accepted)
