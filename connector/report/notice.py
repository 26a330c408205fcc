"""What people are told of a sync: by mail, by webhook, and in one line a run."""

from collections.abc import Iterator
from datetime import UTC, tzinfo
from typing import Any

from connector.domain.finding import Severity
from connector.domain.operation import Attempt, Ending, Notice
from connector.domain.plan import Change, Plan
from connector.report.changes import ORDER, person, what
from connector.report.glossary import MARKS
from connector.report.harmless import harmless
from connector.report.sentences import (
    counted,
    done,
    done_sentence,
    guard_fact,
    guard_meaning,
    listed,
    many,
    moment,
    number,
)

NAMED = 200
"""So many changed accounts one notice names."""


def attempt_line(attempt: Attempt, zone: tzinfo = UTC) -> str:
    """An attempt in one line: when, how it ended, how long it took."""
    return f"{moment(attempt.started_at, zone)}  {_one_line(_ending(attempt))} ({attempt.seconds:.1f} s)"


def findings_words(attempt: Attempt) -> str:
    """5 findings: 1 error, 4 to know; 4 findings where there is no more to say; empty where there is none."""
    ranked = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    errors, warnings, known = (attempt.findings.get(one, 0) for one in ranked)
    said = [many(errors, "error")] * bool(errors) + [many(warnings, "warning")] * bool(warnings)
    if said and known:
        said.append(f"{number(known)} to know")
    total = many(errors + warnings + known, "finding") if errors + warnings + known else ""
    return f"{total}: {', '.join(said)}" if said else total


def notice_of(
    occasion: str, attempt: Attempt, plan: Plan | None, *, school: str, command: str, names: bool, zone: tzinfo = UTC
) -> Notice:
    """The notice of an attempt. Without `names` it holds numbers, codes of the guard and causes, and no person."""
    subject = f"{school or 'TrackOne'}: {_one_line(_subject(occasion, attempt))}"
    parts = [_when(attempt, zone), *_body(attempt, plan, command)]
    if names and plan is not None and attempt.ending is Ending.DONE:
        parts.append("\n".join(_people(plan, attempt)))
    text = "\n\n".join(part for part in parts if part) + "\n"
    return Notice(occasion, subject, text, _facts(attempt, plan if names else None, school))


def held_back_notice(client: str, school: str, command: str = "trackone") -> Notice:
    """The notice that the guard holds a SCIM client back, without a person."""
    said = f"SCIM client {client} is held back"
    why = (
        f"{said}: it has taken as many SIS-owned accounts out of use in 24 hours as it may. "
        "What it wants to do beyond that is refused until then; everything else goes on."
    )
    next_steps = f"Look at it: {command} runs list\nIf it is right: {command} token accept {client}"
    facts = {
        "school": school,
        "ending": "refused",
        "client": client,
        "refused": ["max_deactivations"],
        "message": why,
    }
    return Notice(
        "refused", f"{school or 'TrackOne'}: {_one_line(said)}", harmless(f"{why}\n\n{next_steps}\n"), facts
    )


def _subject(occasion: str, attempt: Attempt) -> str:
    if occasion == "recovered":
        return f"well again; {_ending(attempt)}"
    return _ending(attempt)


def _ending(attempt: Attempt) -> str:
    match attempt.ending:
        case Ending.DONE:
            parts = [done(counted(dict(attempt.counts))) or "nothing had to change", findings_words(attempt)]
            return f"run {attempt.run}: {'; '.join(part for part in parts if part)}"
        case Ending.REFUSED:
            return f"refused by the guard ({listed(attempt.refused)}); nothing was written"
        case Ending.BUSY:
            return f"left out: {attempt.message}"
        case Ending.FAILED:
            return f"failed: {attempt.message}"


def _when(attempt: Attempt, zone: tzinfo) -> str:
    began = moment(attempt.started_at, zone)
    zone_name = attempt.started_at.astimezone(zone).tzname() or ""
    return f"The sync of {began} {zone_name} took {attempt.seconds:.1f} s."


def _body(attempt: Attempt, plan: Plan | None, command: str) -> Iterator[str]:
    """What happened and what to do next, paragraph by paragraph."""
    match attempt.ending:
        case Ending.DONE:
            yield f"Run {attempt.run}. {done_sentence(counted(dict(attempt.counts)))}"
            if words := findings_words(attempt):
                yield f"{words}. See: {command} plan"
            yield f"Look at it: {command} runs show {attempt.run}\nUndo it: {command} runs undo {attempt.run}"
        case Ending.REFUSED:
            yield "The guard refused it; nothing was written."
            for line in plan.refused if plan is not None else ():
                yield f"{line.code}: {guard_fact(line)}. {guard_meaning(line.code)}"
            accepted = " ".join(attempt.refused)
            yield f"Look at it: {command} plan\nIf it is right: {command} sync --accept {accepted}"
        case _:
            yield f"It failed: {attempt.message}"
            yield attempt.hint


def _people(plan: Plan, attempt: Attempt) -> Iterator[str]:
    """The changes, one a line, those that take something from somebody first."""
    changes = sorted(plan.changes, key=lambda one: ORDER.index(one.action))
    yield from (_person(change) for change in changes[:NAMED])
    total = sum(attempt.counts.get(action, 0) for action in ORDER)
    if total > NAMED:
        yield f"and {number(total - NAMED)} more"


def _person(change: Change) -> str:
    name, said = person(change.subject), what(change)
    parts = [f"{MARKS[change.action]} {change.action}", change.sis_code, change.username, name, said]
    return harmless("  ".join(part for part in parts if part))


def _facts(attempt: Attempt, plan: Plan | None, school: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "school": school,
        "ending": attempt.ending.value,
        "run": attempt.run,
        "started_at": attempt.started_at.isoformat(),
        "finished_at": attempt.finished_at.isoformat(),
        "counts": dict(attempt.counts),
        "findings": dict(attempt.findings),
        "refused": list(attempt.refused),
        "message": attempt.message,
        "hint": attempt.hint,
    }
    if plan is not None:
        facts["changes"] = [
            {
                "action": one.action.value,
                "sis_code": one.sis_code,
                "username": one.username,
                "name": person(one.subject),
            }
            for one in plan.changes[:NAMED]
        ]
    return facts


def _one_line(text: str) -> str:
    return harmless(" ".join(text.split()))
