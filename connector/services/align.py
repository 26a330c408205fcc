"""Compare the school's usernames with its directory; reads everything, writes nothing but that it was done."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time

from connector.domain.account import Account
from connector.domain.alignment import Alignment, Trend, finding_key
from connector.domain.entry import DirectoryRead
from connector.domain.errors import StoreError
from connector.domain.plan import Action, Change, Plan, Skip
from connector.domain.ports import AccountReader, Progress
from connector.domain.student import Status, Student
from connector.mapping.desired import Proposal
from connector.mapping.keys import fold_key
from connector.mapping.mapper import Mapper
from connector.planning.align import align, count_equal
from connector.planning.align_people import Others, Person
from connector.planning.trend import record_of, trend_of
from connector.services.collector import collector_at_rest
from connector.services.decision import ENTRIES, Decision, Request
from connector.services.parts import Parts, required_directory
from connector.services.sweep import Planned
from connector.services.tally import Tally

POINTS = 30
"""How many alignments the trend shows."""

NOBODY: Mapping[str, str] = {}

_log = logging.getLogger(__name__)

# Findings of the read and of the sync that belong in the report of the directory too.
TOLD = frozenset(
    {
        "rejected-row",
        "code-not-in-sis",
        "duplicate-email",
        "drift",
        "rename-breaks-login",
        "held-inactive-by-scim",
        "held-inactive-by-person",
    }
)


@dataclass(slots=True)
class _Seen:
    """Who was read: the active students in scope with their account, the status of the others, all by SIS code.

    `people` are those in scope as they are now.
    """

    here: list[tuple[Student, Account | None]] = field(default_factory=list)
    statuses: dict[str, Status] = field(default_factory=dict)
    students: dict[str, Student] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AsRead:
    """A directory that was read already."""

    held: DirectoryRead

    def read(self) -> DirectoryRead:
        """What was read."""
        return self.held


@dataclass(frozen=True, slots=True)
class Aligned:
    """An alignment with what its report needs beside it.

    `names` and `campuses` are the students' by SIS code, `skips` who has no account and why.
    """

    alignment: Alignment
    names: dict[str, str]
    skips: tuple[Skip, ...]
    campuses: dict[str, str] = field(default_factory=dict)


def align_directory(parts: Parts, request: Request, progress: Progress, *, keep: bool = True) -> Aligned:
    """The alignment of the active students in scope, by the username they have or would get.

    Unless the directory was read in part it is compared with the last one of the same population. Then, unless
    `keep` is False, its counts and the codes of its findings are remembered for the next; where that cannot be done
    it is logged. Raises ConfigError without a directory, DirectoryError when nothing of it could be read.
    """
    with collector_at_rest():
        seen = _Seen()
        alignment, tally = _aligned(parts, request, seen, progress)
        alignment = replace(alignment, trend=_trend(parts, alignment))
    if keep:
        _keep(parts, alignment, request)
    told = [seen.students[code] for code in _codes(alignment) if code in seen.students]
    names = {one.sis_code: f"{one.given} {one.family}".strip() for one in told}
    campuses = {one.sis_code: one.campus for one in told if one.campus}
    return Aligned(alignment, {**tally.names, **names}, tuple(tally.skips), campuses)


def align_outcome(parts: Parts, plan: Plan, request: Request, progress: Progress) -> tuple[Alignment, int]:
    """The alignment as it would be once the plan is done, and how many of its students match by now.

    Nothing is remembered. Raises as align_directory does.
    """
    given = (Action.CREATE, Action.RENAME, Action.RESTORE)
    usernames = {one.sis_code: one.username for one in plan.changes if one.action in given}
    with collector_at_rest():
        seen = _Seen()
        alignment, _tally = _aligned(parts, request, seen, progress, usernames)
        return alignment, count_equal(seen.people, required_directory(parts).read())


def _codes(alignment: Alignment) -> set[str]:
    """The SIS codes that a report of the alignment speaks of."""
    gone = alignment.trend.gone if alignment.trend else ()
    return {one.sis_code or "" for one in alignment.findings} | {key.subject for key in gone}


def _trend(parts: Parts, alignment: Alignment) -> Trend | None:
    if parts.alignments is None or not alignment.completeness.complete:
        return None
    try:
        records, last = parts.alignments.alignments(parts.scope, POINTS), parts.alignments.last_findings(parts.scope)
    except StoreError as error:
        _log.error("The earlier alignments are missing from the trend: %s", error.message)
        return None
    return trend_of(alignment, records, last)


def _keep(parts: Parts, alignment: Alignment, request: Request) -> None:
    if parts.alignments is None or not alignment.completeness.complete:
        return
    record, keys = record_of(alignment, parts.clock(), request.as_of), set(map(finding_key, alignment.findings))
    try:
        parts.alignments.keep_alignment(parts.scope, record, keys)
    except StoreError as error:
        _log.error("The alignment is missing from the trend: %s", error.message)


def _aligned(
    parts: Parts, request: Request, seen: _Seen, progress: Progress, usernames: Mapping[str, str] = NOBODY
) -> tuple[Alignment, Tally]:
    """The alignment, and what the sweep behind it has counted; fills `seen`.

    `usernames`, by SIS code, count in the place of those there are.
    """
    read = required_directory(parts).read()
    before_adopt = replace(
        parts, directory=AsRead(read), directory_rules=replace(parts.directory_rules, policy="report")
    )

    def observe(student: Student, account: Account | None) -> None:
        seen.students[student.sis_code] = student
        if student.status is Status.ACTIVE and parts.rules.scope.covers(student.year_level):
            seen.here.append((student, account))
        else:
            seen.statuses[student.sis_code] = student.status

    with parts.store.view() as accounts:
        decision = Decision(before_adopt, accounts, request, remember=False, observe=observe, progress=progress)
        changes = [item.change for item in decision.items() if isinstance(item, Planned)]
        proposed = {one.sis_code: one for one in changes if one.action in (Action.CREATE, Action.RESTORE)}
        mapper = Mapper(parts.rules)
        skips = {one.sis_code: one for one in decision.tally.skips}
        people = [_person(student, account, proposed, skips, mapper) for student, account in seen.here]
        seen.people = people
        if usernames:
            people = [one._replace(username=usernames.get(one.sis_code, one.username)) for one in people]
        alignment = align(
            people,
            read,
            _others(accounts, seen, decision),
            parts.directory_rules,
            _moment(parts, request),
            last_entries=int(accounts.state(ENTRIES) or 0) or None,
            max_shrink=parts.limits.max_shrink,
            findings=[*decision.reading.findings, *(one for one in decision.tally.findings if one.code in TOLD)],
        )
    return alignment, decision.tally


def _moment(parts: Parts, request: Request) -> datetime:
    """The present; or noon of the day asked for, where that is another day."""
    now = parts.clock()
    today = now.astimezone().date()
    return now if request.as_of == today else datetime.combine(request.as_of, time(12), now.tzinfo)


def _person(
    student: Student,
    account: Account | None,
    proposed: dict[str, Change],
    skips: dict[str, Skip],
    mapper: Mapper,
) -> Person:
    change, skip = proposed.get(student.sis_code), skips.get(student.sis_code)
    live = account if account is not None and account.live else None
    back = account.username if account is not None and live is None and change is None else ""
    archived = f"the account {back} is archived, and a sync does not restore it" if back else ""
    return Person(
        sis_code=student.sis_code,
        username=live.username if live else change.username if change else "",
        proposed=live is None and change is not None,
        wanted=_wanted(mapper, student) if skip and skip.reason == "username-taken" else "",
        refusal=skip.detail if skip else archived,
        reason=skip.reason if skip else "held-inactive-by-person" if back else "",
        remedy=skip.suggestion
        if skip
        else f"If it should be in use: trackone accounts restore {back}"
        if back
        else "",
        given=student.given,
        family=student.family,
        legal_given=student.legal_given,
        legal_family=student.legal_family,
        year_level=student.year_level,
        cohort=student.cohort,
        intake=student.entry_date.year if student.entry_date else None,
        campus=student.campus,
        email=live.email if live else student.email,
        stable_id=account.stable_id if account else "",
    )


def _wanted(mapper: Mapper, student: Student) -> str:
    """The first choice of a student whose names are all somebody else's."""
    name = mapper.desire(student).name
    return name.base if isinstance(name, Proposal) else ""


def _others(accounts: AccountReader, seen: _Seen, decision: Decision) -> Others:
    population = {fold_key(student.sis_code) for student, _account in seen.here}
    archived: set[str] = set()
    known: set[str] = {one.sis_code for one in decision.tally.skips if one.sis_code}
    usernames: dict[str, str] = {}
    live: set[str] = set()
    for one in accounts.accounts():
        if one.live and fold_key(one.sis_code) in population:
            continue
        if one.sis_code:
            (known if one.live else archived).add(one.sis_code)
        state = "archived " if one.archived else ""
        usernames[one.username] = f"the {state}{one.user_type} account {one.sis_code or one.username}"
        if one.live:
            live.add(one.username)
    return Others(
        statuses=seen.statuses,
        archived=archived,
        known=known,
        usernames=usernames,
        accounts=live,
        duplicates={code: " and ".join(places) for code, places in decision.tally.duplicates.items()},
        complete=decision.reading.complete and not decision.tally.unreadable_code,
    )
