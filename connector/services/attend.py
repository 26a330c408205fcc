"""One sync as schedules do it: done, recorded, told to those who want to know, and what is old forgotten."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from connector.domain.errors import ConnectorError, LockedError, OperationError
from connector.domain.operation import Attempt, Deliver, Ending, Journal, ReportFolder
from connector.domain.plan import Action, Plan
from connector.domain.ports import Clock, Progress
from connector.report.notice import notice_of
from connector.services.decision import Request
from connector.services.parts import Parts
from connector.services.sync import sync

log = logging.getLogger(__name__)

TROUBLE = (Ending.REFUSED, Ending.FAILED)
FAULTS = (ConnectorError, OSError, UnicodeError, RecursionError)
"""What stops a sync and is the operator's to put right; anything else is a fault of ours."""
LOOKED_BACK = 200
"""So many attempts are looked at to know whether the same trouble was told before."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What an unattended sync needs beside the school's parts.

    `when` holds what is told (changed, refused, failed, recovered), at most once in `remind` while the same trouble
    lasts; `deliver` are the ways it is told. `command` is how this school's commands begin, for the next steps.
    `keep_runs` and `keep_reports` are how long details are kept, None for ever. `remembered` are the attempts this
    process has made, the newest first, for when the journal cannot be read.
    """

    school: str
    command: str
    journal: Journal
    when: frozenset[str] = frozenset()
    remind: timedelta = timedelta(hours=24)
    names: bool = False
    deliver: tuple[Deliver, ...] = ()
    reports: ReportFolder | None = None
    keep_runs: timedelta | None = None
    keep_reports: timedelta | None = None
    remembered: tuple[Attempt, ...] = ()


class Ended(NamedTuple):
    """What became of a sync: the attempt, the plan it followed, what stopped it, and what went wrong beside it."""

    attempt: Attempt
    plan: Plan | None = None
    error: Exception | None = None
    warnings: tuple[str, ...] = ()


def attend(
    parts: Parts, operation: Operation, request: Request, origin: str, actor: str, progress: Progress
) -> Ended:
    """Synchronise, then record, tell and tidy; none of these three can make a sync that is done fail.

    Raises nothing that an operator can put right: that is the `error` of what is returned.
    """
    started = parts.clock()
    try:
        run, plan = sync(parts, request, origin, actor, progress)
    except FAULTS as error:
        return failed(operation, parts.clock, started, error, origin, actor)
    attempt = Attempt(
        started,
        parts.clock(),
        origin,
        actor,
        Ending.REFUSED if plan.refused else Ending.DONE,
        run,
        {key: value for key, value in asdict(plan.counts).items() if value},
        Counter(one.severity.value for one in plan.findings),
        tuple(line.code for line in plan.refused),
    )
    unread = () if plan.refused else tuple(_unread(plan))
    return _followed_up(operation, parts.clock, Ended(attempt, plan, warnings=unread))


def _unread(plan: Plan) -> Iterator[str]:
    """What a run that is done could not read: the counts alone would look as if all were well."""
    for one in plan.findings:
        if one.code == "incomplete-read":
            yield f"{one.code}: {one.detail}. {one.suggestion}"


def failed(operation: Operation, clock: Clock, started: datetime, error: Exception, origin: str, actor: str) -> Ended:
    """What becomes of a sync that an error stopped: recorded and told like any other."""
    known = error if isinstance(error, ConnectorError) else _unforeseen(error)
    ending = Ending.BUSY if isinstance(error, LockedError) else Ending.FAILED
    attempt = Attempt(started, clock(), origin, actor, ending, message=known.message, hint=known.hint)
    return _followed_up(operation, clock, Ended(attempt, None, error))


def _unforeseen(error: Exception) -> OperationError:
    """An error that is not of our family, in words that hold nobody's data."""
    if isinstance(error, OSError):
        place = f": {error.filename}" if error.filename else ""
        return OperationError(f"{error.strerror or type(error).__name__}{place}")
    place, trace = "", error.__traceback__
    while trace is not None:
        place = f" ({trace.tb_frame.f_code.co_filename.rpartition('connector')[2]}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return OperationError(
        f"something unforeseen stopped the run: {type(error).__name__}{place}",
        hint="please report it; the next run tries again",
    )


def _followed_up(operation: Operation, clock: Clock, ended: Ended) -> Ended:
    """Tell, record and tidy, each whether or not the others can be done."""
    warnings = list(ended.warnings)
    told = _told(operation, ended, warnings)
    attempt = ended.attempt._replace(told=clock() if told else None)
    _log(attempt, ended.plan)
    if attempt.ending is not Ending.BUSY:  # whose run is going on, and has the store
        for step in (_noted, _reported, _tidied):
            _beside(step, operation, ended._replace(attempt=attempt), clock(), warnings)
    said = dict.fromkeys(one for one in warnings if one != str(ended.error))
    return ended._replace(attempt=attempt, warnings=tuple(said))


def _beside(
    step: Callable[[Operation, Ended, datetime], None],
    operation: Operation,
    ended: Ended,
    now: datetime,
    warnings: list[str],
) -> None:
    try:
        step(operation, ended, now)
    except ConnectorError as error:
        warnings.append(str(error))


def _told(operation: Operation, ended: Ended, warnings: list[str]) -> bool:
    """Whether a notice was due and somebody got it."""
    if not operation.deliver:
        return False
    occasion = occasion_of(ended.attempt, _earlier(operation), operation.when, operation.remind)
    if not occasion:
        return False
    notice = notice_of(
        occasion,
        ended.attempt,
        ended.plan,
        school=operation.school,
        command=operation.command,
        names=operation.names,
        zone=ended.attempt.started_at.astimezone().tzinfo or UTC,
    )
    arrived = 0
    for deliver in operation.deliver:
        try:
            deliver(notice)
            arrived += 1
        except ConnectorError as error:
            warnings.append(str(error))
    return arrived > 0


def _earlier(operation: Operation) -> Sequence[Attempt]:
    try:
        return operation.journal.attempts(LOOKED_BACK)
    except ConnectorError:
        return operation.remembered


def occasion_of(attempt: Attempt, earlier: Sequence[Attempt], when: frozenset[str], remind: timedelta) -> str:
    """Why people are to be told of an attempt: changed, refused, failed or recovered; "" when they are not.

    `earlier` are those before it, the newest first.
    """
    fitting = next((one for one in _occasions(attempt, earlier) if one in when), "")
    if attempt.ending not in TROUBLE:
        return fitting
    since = attempt.finished_at - remind
    known = any(_same(one, attempt) and one.told is not None and one.told > since for one in _lasting(earlier))
    return "" if known else fitting


def _occasions(attempt: Attempt, earlier: Sequence[Attempt]) -> Iterator[str]:
    if attempt.ending in TROUBLE:
        yield attempt.ending.value
    if attempt.ending is Ending.DONE:
        if earlier and earlier[0].ending in TROUBLE:
            yield "recovered"
        if any(attempt.counts.get(action) for action in Action):
            yield "changed"


def _lasting(earlier: Sequence[Attempt]) -> Iterator[Attempt]:
    """The attempts since it was last well."""
    for one in earlier:
        if one.ending is Ending.DONE:
            return
        yield one


def _same(one: Attempt, other: Attempt) -> bool:
    return (one.ending, one.refused) == (other.ending, other.refused)


def _noted(operation: Operation, ended: Ended, now: datetime) -> None:  # noqa: ARG001 - one shape for all steps
    operation.journal.note(ended.attempt)


def _reported(operation: Operation, ended: Ended, now: datetime) -> None:
    """Put the plan's page into the folder, where something was changed or refused."""
    attempt, plan = ended.attempt, ended.plan
    if operation.reports is None or plan is None or not (plan.changes or plan.refused):
        return
    from connector.report.plan_html import plan_html  # noqa: PLC0415 - templates are paid for by who keeps reports

    name = f"run-{attempt.run:06}" if attempt.run is not None else f"refused-{now:%Y%m%dT%H%M%SZ}"
    command = f"{operation.command} sync"
    total = sum(attempt.counts.get(action, 0) for action in Action)
    page = plan_html(plan, operation.school, command=command, names=plan.names, run=attempt.run, total=total)
    operation.reports.keep(f"{name}.html", page)


def _tidied(operation: Operation, ended: Ended, now: datetime) -> None:  # noqa: ARG001 - as above
    if operation.keep_runs is not None:
        scrubbed = operation.journal.scrub(now - operation.keep_runs, now)
        if scrubbed:
            log.info("the details of %d old runs were removed", len(scrubbed))
    if operation.reports is not None and operation.keep_reports is not None:
        operation.reports.drop_before(now - operation.keep_reports)


def _log(attempt: Attempt, plan: Plan | None) -> None:
    read = plan.inputs.get("sis", {}) if plan is not None else {}
    facts = {
        "ending": attempt.ending.value,
        "run": attempt.run,
        "seconds": round(attempt.seconds, 3),
        "counts": dict(attempt.counts),
        "findings": dict(attempt.findings),
        "refused": list(attempt.refused),
        "rows": read.get("rows"),
        "rejected": read.get("rejected"),
        "told": attempt.told is not None,
    }
    level = logging.INFO if attempt.ending in (Ending.DONE, Ending.BUSY) else logging.WARNING
    said = f"run {attempt.run}" if attempt.run else " ".join(attempt.refused) or attempt.message
    log.log(level, "sync %s: %s", attempt.ending.value, said, extra={"facts": facts})
