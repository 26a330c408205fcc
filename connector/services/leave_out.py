"""A plan without some of its changes, as a person left them out of a preview."""

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

from connector.domain.plan import Action, Plan
from connector.planning.plan_file import fingerprinted
from connector.services.apply import find_drift
from connector.services.parts import Parts


class Rest(NamedTuple):
    """What is left of a plan: the plan of its own that it makes, and which places had to go as well, with why."""

    plan: Plan
    also: dict[int, str]


def without(parts: Parts, plan: Plan, places: Collection[int]) -> Rest:
    """The plan without the changes at these places (from 0), nor those that need a name such a change would free.

    A change that was not true any more before anything was left out stays in: applying it will say so.
    """
    if not places:
        return Rest(plan, {})
    with parts.store.view() as accounts:
        stale = {id(drift.change) for drift in find_drift(accounts, plan)}
        kept = [change for place, change in enumerate(plan.changes) if place not in places]
        drifted = find_drift(accounts, replace(plan, changes=tuple(kept)))
    lost = {id(drift.change): drift.why for drift in drifted if id(drift.change) not in stale}
    also = {place: lost[id(change)] for place, change in enumerate(plan.changes) if id(change) in lost}
    changes = tuple(change for change in kept if id(change) not in lost)
    numbers = {action.value: sum(change.action is action for change in changes) for action in Action}
    counts = replace(plan.counts, **numbers)
    return Rest(fingerprinted(replace(plan, changes=changes, counts=counts)), also)
