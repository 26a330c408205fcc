"""Plan and apply in one go, for schedulers: one transaction, which the guard can still turn back."""

from dataclasses import asdict, replace
from itertools import islice
from typing import NamedTuple

from connector.domain.plan import Plan
from connector.domain.ports import Progress, RunRequest, RunWriter, SightingNote
from connector.services.again import again_after_conflict
from connector.services.collector import collector_at_rest
from connector.services.decision import Decision, Request, begin_ahead
from connector.services.parts import Parts
from connector.services.remember import Moments, entries_of, remember_facts
from connector.services.reuse import end_expired
from connector.services.sweep import Planned
from connector.services.turn import end_turn, hold_turn

BATCH = 1_000
"""How many decisions wait to be written, also in a district: more would no longer lie in the processor's cache."""
SHOWN = 1_000


class Synced(NamedTuple):
    """What a sync did: the run's number, None when the guard turned it back, and the plan it followed.

    `plan.changes` holds the first thousand changes; `plan.counts` counts all.
    """

    run: int | None
    plan: Plan


class _TurnedBackError(Exception):
    """Ends the transaction without keeping anything of it."""


@again_after_conflict
def sync(parts: Parts, request: Request, origin: str, actor: str, progress: Progress) -> Synced:
    """Read, decide and write in one transaction; nothing is kept when the guard refuses.

    Raises SourceError, StoreError, LockedError and ConfigError.
    """
    shown: list[Planned] = []
    plan, run = None, None
    try:
        with collector_at_rest():
            begun = begin_ahead(parts, request)
        with collector_at_rest(), parts.store.run(RunRequest("sync", origin, actor)) as writer:
            hold_turn(writer, parts.turn)
            decision = Decision(parts, writer, request, remember=True, begun=begun, progress=progress)
            _write(parts, writer, decision, shown, progress)
            plan = _plan(parts, decision, shown)
            if plan.refused:
                raise _TurnedBackError
            end_turn(writer, parts.turn)
            _close(writer, decision, plan)
            run = writer.number
    except _TurnedBackError:
        pass
    assert plan is not None  # noqa: S101 - set before the only way here
    return Synced(run, plan)


def _write(parts: Parts, writer: RunWriter, decision: Decision, shown: list[Planned], progress: Progress) -> None:
    """Write everything decided; all at once with a directory, since names may move in chains."""
    credential = parts.credentials(writer)
    items = decision.items()
    while part := list(items if parts.directory is not None else islice(items, BATCH)):
        planned = [one for one in part if isinstance(one, Planned)]
        if planned:
            shown.extend(planned[: SHOWN - len(shown)])
            changes, sightings = zip(*planned, strict=True)
            end_expired(writer, changes, parts.rules.usernames, parts.clock())
            writer.write(changes, credential, sightings)
        writer.remember(one for one in part if isinstance(one, SightingNote))
        progress("Writing accounts", decision.tally.changed, None)
    writer.remember(decision.second_thoughts())


def _plan(parts: Parts, decision: Decision, shown: list[Planned]) -> Plan:
    return Plan(
        created_at=parts.clock(),
        changes=tuple(one.change for one in shown),
        skips=tuple(decision.tally.skips),
        findings=tuple(decision.tally.findings),
        guard=decision.guard(),
        counts=decision.tally.counts(),
        inputs=decision.inputs(),
        names=decision.tally.names,
    )


def _close(writer: RunWriter, decision: Decision, plan: Plan) -> None:
    read = replace(decision.read_record(), active=(), missing=())
    before = remember_facts(writer, read, entries_of(decision.view), Moments(plan.created_at, plan.created_at))
    if not decision.reading.delta:
        writer.remember_baseline(decision.tally.active_without_account)
    accepted = [line.code for line in plan.guard if line.accepted]
    summary = {"before": before, "inputs": plan.inputs, "guard": [line._asdict() for line in plan.guard]}
    writer.close({key: value for key, value in asdict(plan.counts).items() if value}, summary, accepted)
