"""A plan for a terminal or a pipe."""

import sys
from collections.abc import Iterable, Mapping

from connector.domain.plan import Action, Change, GuardLine, Plan, Skip
from connector.report.changes import ORDER, person, what, why
from connector.report.finding_text import finding_parts
from connector.report.findings import NO_NAMES
from connector.report.glossary import MARKS, REFUSED, skip_meaning
from connector.report.sentences import (
    accepting,
    guard_fact,
    guard_meaning,
    guard_sentence,
    many,
    more,
    plan_sentence,
    skip_sentence,
)
from connector.report.terminal import WIDTH, Line, Table, Tone, laid_out

_TONES = {Action.CREATE: Tone.OK, Action.RESTORE: Tone.OK, Action.ARCHIVE: Tone.WARN, Action.REMOVE: Tone.WARN}


def plan_text(
    plan: Plan,
    *,
    command: str = "trackone apply plan.json",
    all_rows: str = "",
    names: Mapping[str, str] = NO_NAMES,
    most: int = 20,
    colour: bool = False,
    width: int = WIDTH,
) -> str:
    """The sentence, the guard, what changes, who gets no account, the findings, and the next command.

    `command` is what does the plan, empty where it is being done; `all_rows` what shows every row of it. A table
    has at most `most` rows where there is such a command. `names` are the students' names by SIS code, for the
    rows that have no account.
    """
    all_rows = all_rows or shows_all(plan)
    most = most if all_rows else sys.maxsize
    parts: list[Line | Table] = [Line(plan_sentence(plan), Tone.STRONG), *_guard(plan, command)]
    parts += [Line(f"Note: {warning}") for warning in (plan.inputs.get("sis") or {}).get("warnings", ())]
    for action in ORDER:
        parts += _changes(action, [one for one in plan.changes if one.action is action], most, all_rows)
    parts += _skips(plan.skips, names, most, all_rows)
    parts += finding_parts(plan.findings, names=names, most=most, all_of_them=all_rows)
    if plan.changes and not plan.refused and command:
        parts += [Line(f"\nApply it: {command}", whole=True)]
    return laid_out(parts, colour=colour, width=width)


def shows_all(plan: Plan) -> str:
    """The command that shows every row of such a plan; empty where there is none."""
    if plan.kind == "undo":
        return f"trackone runs show {plan.undoes} --format json"
    return "trackone plan --format csv" if plan.kind == "sync" else ""


def waiting_first(skips: Iterable[Skip]) -> list[Skip]:
    """The skips that somebody can put right, then the others."""
    return sorted(skips, key=lambda one: not skip_meaning(one.reason).who)


def _guard(plan: Plan, command: str) -> list[Line]:
    """The guard's verdict, then each refusal with its numbers and what accepting it means."""
    if not plan.guard:
        return []
    codes = [line.code for line in plan.refused]
    verdict = Line(f"{REFUSED} {guard_sentence(plan)}", Tone.BAD) if codes else Line(guard_sentence(plan), Tone.OK)
    after = [Line(f"If that is right: {accepting(command, codes)}", indent=2)] if codes else []
    return [verdict, *(part for line in plan.guard for part in _guard_line(line)), *after]


def _guard_line(line: GuardLine) -> list[Line]:
    if line.refused and not line.accepted:
        return [Line(f"{line.code}: {guard_fact(line)}. {guard_meaning(line.code)}", indent=2)]
    if line.refused or line.code == "mapping-changed":
        accepted = " (accepted)" if line.accepted else ""
        cleared = "" if line.refused else " Applying this plan clears it."
        return [Line(f"{line.code}{accepted}: {guard_fact(line)}.{cleared}", Tone.WARN, indent=2)]
    return []


def _changes(action: Action, changes: list[Change], most: int, all_rows: str) -> list[Table]:
    if not changes:
        return []
    rows = [_row(change) for change in changes[:most]]
    title = f"{MARKS[action]} {action.value.capitalize()}: {many(len(changes), 'account')}"
    headers = ("", "SIS code", "Username", "Name", "Account" if action is Action.CREATE else "What changes", "Why")
    left_out = len(changes) - len(rows)
    return [Table(title, headers, rows, more(left_out, all_rows), _TONES.get(action, Tone.PLAIN))]


def _row(change: Change) -> tuple[str, ...]:
    return (MARKS[change.action], change.sis_code, change.username, person(change.subject), what(change), why(change))


def _skips(skips: tuple[Skip, ...], names: Mapping[str, str], most: int, all_rows: str) -> list[Line | Table]:
    rows = [
        (one.sis_code, names.get(one.sis_code, ""), skip_meaning(one.reason).title, one.detail, one.suggestion)
        for one in waiting_first(skips)[:most]
    ]
    headers = ("SIS code", "Student", "Reason", "Evidence", "What to do")
    title = f"No account: {many(len(skips), 'student')}"
    return (
        [Table(title, headers, rows, more(len(skips) - len(rows), all_rows)), Line(skip_sentence(skips))]
        if rows
        else []
    )
