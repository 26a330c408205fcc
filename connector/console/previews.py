"""Previews: a plan that was made is kept signed, shown page by page, and done at most once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from connector.console.school import School
from connector.domain.console import ConsoleRecord, Preview
from connector.domain.plan import Plan
from connector.domain.ports import Clock
from connector.planning.plan_file import seal, unseal

FORGET = timedelta(hours=48)
"""Previews hold people's data: older ones are forgotten."""
HELD = 8
"""So many plans stay in memory, so that their pages come quickly."""


@dataclass(slots=True)
class Previews:
    """The previews of one console; what is in memory is only what the record holds, signed."""

    school: School
    record: ConsoleRecord
    clock: Clock
    token: Callable[[], str]
    _held: dict[str, Plan] = field(default_factory=dict)

    def put(self, plan: Plan, command: str, owner: str, back: str, options: Mapping[str, Any] | None = None) -> str:
        """Keep a plan; returns the preview's id. `options` is the change to the mapping file that goes with it."""
        sealed, now = seal(plan, self.school.parts.store.plan_key()), self.clock()
        one = Preview(self.token(), owner, now, command, sealed, options or {}, back)
        self.record.put_preview(one, now - FORGET)
        self._hold(one.id, plan)
        return one.id

    def find(self, preview_id: str) -> Preview | None:
        """Where the preview with that id stands, without its plan; None where there is none."""
        return self.record.preview(preview_id)

    def plan(self, preview_id: str) -> Plan:
        """Its plan, checked against its signature where it was not in memory. Raises PlanError."""
        if preview_id not in self._held:
            text = self.record.preview_plan(preview_id)
            self._hold(preview_id, unseal(text, self.school.parts.store.plan_key(), "the preview"))
        return self._held[preview_id]

    def _hold(self, preview_id: str, plan: Plan) -> None:
        self._held[preview_id] = plan
        for old in list(self._held)[:-HELD]:
            self._held.pop(old, None)
