"""A plan for a person to look at, with how the usernames would fit the network once it is done."""

from dataclasses import replace
from typing import NamedTuple

from connector.domain.alignment import Alignment
from connector.domain.errors import DirectoryError
from connector.domain.plan import Plan
from connector.domain.ports import Progress
from connector.services.align import AsRead, align_outcome
from connector.services.decision import Request
from connector.services.parts import Parts
from connector.services.plan import make_plan


class Previewed(NamedTuple):
    """The plan, and the alignment it would lead to; None without a directory that was read whole.

    `matched_now` counts the students of that alignment whose username equals the network login before the plan.
    """

    plan: Plan
    outcome: Alignment | None
    matched_now: int = 0


def make_preview(parts: Parts, request: Request, progress: Progress) -> Previewed:
    """What make_plan gives, and what it leads to; the directory is read once. Raises as make_plan does."""
    if parts.directory is None:
        return Previewed(make_plan(parts, request, progress), None)
    progress("Reading the directory", 0, None)
    try:
        read = parts.directory.read()
    except DirectoryError:
        return Previewed(make_plan(parts, request, progress), None)  # the plan says what this means
    parts = replace(parts, directory=AsRead(read))
    plan = make_plan(parts, request, progress)
    outcome, now = align_outcome(
        parts, plan, request, lambda _phase, *so_far: progress("Comparing the outcome", *so_far)
    )
    return Previewed(plan, outcome, now) if outcome.completeness.complete else Previewed(plan, None)
