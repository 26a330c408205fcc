"""Previews: a plan that was made is kept signed, shown page by page, and done at most once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from connector.console.school import School
from connector.domain.alignment import Alignment
from connector.domain.console import NOTHING, ConsoleRecord, Preview
from connector.domain.plan import Plan
from connector.domain.ports import Clock
from connector.planning.plan_file import seal, unseal
from connector.report.changes import ORDER
from connector.services.leave_out import Rest, without

FORGET = timedelta(hours=48)
"""Previews hold people's data: older ones are forgotten."""
HELD = 8
"""So many plans stay in memory, so that their pages come quickly."""


class Held(NamedTuple):
    """A plan in memory, with what its pages ask again and again.

    `places` are those of its changes in the order they are shown, by kind under each action; `texts` what is
    searched of each, filled by the first search.
    """

    plan: Plan
    places: dict[str, list[int]]
    texts: list[str]


def outcome_of(alignment: Alignment | None, now: int = 0, broken: int = 0) -> dict[str, int]:
    """What a plan leads to, as it is kept: its alignment, where it is known, and how many examples break.

    `now` is how many match before.
    """
    known = {"broken": broken} if broken else {}
    if alignment is None:
        return known
    counts = {"students": alignment.students, "matched": alignment.matched, "entries": alignment.directory_entries}
    return counts | {"now": now} | known


def held(plan: Plan) -> Held:
    """A plan made ready for its pages."""
    kinds: dict[str, list[int]] = {action.value: [] for action in ORDER}
    for place, change in enumerate(plan.changes):
        kinds[change.action].append(place)
    kinds[""] = [place for action in ORDER for place in kinds[action]]
    return Held(plan, kinds, [])


@dataclass(slots=True)
class Previews:
    """The previews of one console; what is in memory is only what the record holds, signed."""

    school: School
    record: ConsoleRecord
    clock: Clock
    token: Callable[[], str]
    _held: dict[str, Held] = field(default_factory=dict)
    _rests: dict[tuple[str, frozenset[int]], Rest] = field(default_factory=dict)

    def put(
        self,
        plan: Plan,
        command: str,
        owner: str,
        back: str,
        options: Mapping[str, Any] | None = None,
        outcome: Mapping[str, int] = NOTHING,
    ) -> str:
        """Keep a plan; returns the preview's id.

        `options` is the change to the mapping file that goes with it, `outcome` what `outcome_of` gives.
        """
        sealed, now = seal(plan, self.school.parts.store.plan_key()), self.clock()
        one = Preview(self.token(), owner, now, command, sealed, options or {}, back, outcome)
        self.record.put_preview(one, now - FORGET)
        self._hold(one.id, plan)
        return one.id

    def find(self, preview_id: str) -> Preview | None:
        """Where the preview with that id stands, without its plan; None where there is none."""
        return self.record.preview(preview_id)

    def rest(self, preview_id: str, left_out: frozenset[int]) -> Rest:
        """Its plan without these changes, as it was when this was first asked; for showing."""
        key = (preview_id, left_out)
        if key not in self._rests:
            self._rests = dict([*self._rests.items()][1 - HELD :])
            self._rests[key] = without(self.school.parts, self.held(preview_id).plan, left_out)
        return self._rests[key]

    def held(self, preview_id: str) -> Held:
        """Its plan, checked against its signature where it was not in memory. Raises PlanError."""
        if preview_id not in self._held:
            text = self.record.preview_plan(preview_id)
            self._hold(preview_id, unseal(text, self.school.parts.store.plan_key(), "the preview"))
        return self._held[preview_id]

    def _hold(self, preview_id: str, plan: Plan) -> None:
        self._held[preview_id] = held(plan)
        for old in list(self._held)[:-HELD]:
            self._held.pop(old, None)
