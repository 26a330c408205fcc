"""Make a plan: read, decide, show; nothing is written."""

from connector.domain.plan import Plan
from connector.domain.ports import Progress
from connector.planning.plan_file import fingerprinted
from connector.services.decision import Decision, Request
from connector.services.parts import Parts
from connector.services.sweep import Planned


def make_plan(parts: Parts, request: Request, progress: Progress) -> Plan:
    """Everything a sync would do now, with its fingerprint. Raises SourceError, StoreError and ConfigError."""
    with parts.store.view() as accounts:
        decision = Decision(parts, accounts, request, remember=False, progress=progress)
        changes = tuple(item.change for item in decision.items() if isinstance(item, Planned))
        return fingerprinted(
            Plan(
                created_at=parts.clock(),
                changes=changes,
                skips=tuple(decision.tally.skips),
                findings=tuple(decision.tally.findings),
                guard=decision.guard(),
                counts=decision.tally.counts(),
                inputs=decision.inputs(),
                read=decision.read_record(),
                names=decision.tally.names,
            )
        )
