"""The record of runs: as text for people, as JSON values for programs."""

from collections.abc import Iterable, Sequence
from datetime import UTC, tzinfo
from typing import Any

from connector.domain.account import export
from connector.domain.plan import Action
from connector.domain.run import CREDENTIAL_SET, ERASE, SCRUBBED, Outcome, Run
from connector.report.changes import person, what, why
from connector.report.glossary import MARKS
from connector.report.sentences import counted, done_sentence, listed, many, moment, more, number, run_sentence
from connector.report.terminal import WIDTH, Line, Table, Tone, laid_out

_DEEDS = {
    CREDENTIAL_SET: ("password", "A new password was set."),
    ERASE: ("erased", "An account was removed for ever."),
}
"""What runs did that leaves no image: in a word, and in a sentence."""


def runs_text(
    runs: Sequence[Run], *, zone: tzinfo = UTC, most: int = 50, colour: bool = False, width: int = WIDTH
) -> str:
    """The runs as they come (the newest first), one a row, times in `zone`."""
    if not runs:
        return laid_out([Line("No run yet. See what one would do: trackone plan")], colour=colour, width=width)
    undone = {run.undoes: run.number for run in runs if run.undoes is not None}
    rows = [
        (
            str(run.number),
            moment(run.started_at, zone),
            run.command,
            _from(run),
            run_marks(run),
            _state(run, undone),
        )
        for run in runs[:most]
    ]
    left_out = len(runs) - len(rows)
    headers = ("Run", "When", "What", "By", "Changes", "State")
    table = Table(many(len(runs), "run"), headers, rows, more(left_out, "trackone runs list --format json"))
    after = [Line(f"\nLook into one: trackone runs show {runs[0].number}")]
    return laid_out([table, *after], colour=colour, width=width)


def run_text(
    run: Run,
    outcomes: Iterable[Outcome],
    *,
    zone: tzinfo = UTC,
    most: int = 50,
    colour: bool = False,
    width: int = WIDTH,
) -> str:
    """One run: who started it, what it did in a sentence, its first `most` changes in the order of doing."""
    all_of_them = list(outcomes)
    parts: list[Line | Table] = [Line(run_sentence(run, zone), Tone.STRONG), Line(deed_sentence(run))]
    if run.undoes is not None:
        parts.append(Line(f"It undid run {run.undoes}."))
    if run.accepted:
        parts.append(Line(f"Accepted: {listed(run.accepted)}.", Tone.WARN))
    if removed := run.summary.get(SCRUBBED):
        said = f"What it changed was removed from the record on {str(removed)[:10]}; it cannot be undone any more."
        return laid_out([*parts, Line(said)], colour=colour, width=width)
    parts += _changes(run, all_of_them, most)
    if all_of_them:
        parts += [Line(f"\nUndo it: trackone runs undo {run.number}")]
    return laid_out(parts, colour=colour, width=width)


def runs_json(runs: Iterable[Run]) -> list[dict[str, Any]]:
    """The runs as JSON values; `run` is the number."""
    return [_run(run) for run in runs]


def run_json(run: Run, outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """One run with its changes as JSON values, each with the account before and after as it is exported."""
    return {**_run(run), "changes": [_change(outcome) for outcome in outcomes]}


def marks(counts: dict[str, int]) -> str:
    """The counts of a run as marks: +31 ▲12 →1 □6."""
    some = [f"{MARKS[action]}{number(counts[action])}" for action in Action if counts.get(action)]
    return " ".join(some) or "none"


def run_marks(run: Run) -> str:
    """The counts of a run as marks, with what left no image before them: password ▲1."""
    deed = _DEEDS.get(run.command, ("", ""))[0]
    some = marks(run.counts) if not deed or any(run.counts.values()) else ""
    return f"{deed} {some}".strip()


def deed_sentence(run: Run) -> str:
    """What a run did, what leaves no image included."""
    deed = _DEEDS.get(run.command, ("", ""))[1]
    some = done_sentence(counted(run.counts)) if not deed or any(run.counts.values()) else ""
    return f"{deed} {some}".strip()


def _from(run: Run) -> str:
    return f"{run.actor} ({run.origin})" if run.actor and run.origin else run.actor or run.origin


def _state(run: Run, undone: dict[int, int]) -> str:
    if run.finished_at is None:
        return "not finished"
    if run.number in undone:
        return f"undone by run {undone[run.number]}"
    if run.undoes is not None:
        return f"undid run {run.undoes}"
    return f"done, accepted {listed(run.accepted)}" if run.accepted else "done"


def _changes(run: Run, outcomes: list[Outcome], most: int) -> list[Table]:
    if not outcomes:
        return []
    changes = [outcome.change for outcome in outcomes[:most]]
    rows = [
        (f"{MARKS[one.action]} {one.action}", one.sis_code, one.username, person(one.subject), what(one), why(one))
        for one in changes
    ]
    left_out = len(outcomes) - len(rows)
    rest = more(left_out, f"trackone runs show {run.number} --format json")
    return [Table(many(len(outcomes), "change"), ("", "SIS code", "Username", "Name", "What", "Why"), rows, rest)]


def _run(run: Run) -> dict[str, Any]:
    return {
        "run": run.number,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "command": run.command,
        "origin": run.origin,
        "actor": run.actor,
        "counts": dict(run.counts),
        "accepted": list(run.accepted),
        "plan": run.plan or None,
        "undoes": run.undoes,
        "summary": dict(run.summary),
    }


def _change(outcome: Outcome) -> dict[str, Any]:
    change = outcome.change
    return {
        "action": str(change.action),
        "sis_code": change.sis_code,
        "username": change.username,
        "before": export(change.before) if change.before else None,
        "after": export(change.after) if change.after else None,
        "changed": list(change.changed),
        "reasons": list(change.reasons),
    }
