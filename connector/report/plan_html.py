"""A plan as one HTML file."""

from collections.abc import Mapping
from datetime import UTC, date
from typing import Any, NamedTuple

from connector.domain.plan import Action, Change, Plan, Skip
from connector.report.changes import ORDER, Difference, differences, outline, person, why
from connector.report.chart import change_chart
from connector.report.findings import NO_NAMES, attention
from connector.report.glossary import MARKS, REFUSED, TONES, UNCHANGED, Meaning, skip_meaning
from connector.report.office import corrections
from connector.report.page import MOST, Chip, finding_table, page
from connector.report.plan_text import shows_all, waiting_first
from connector.report.sentences import (
    accepting,
    attention_sentence,
    day,
    done_sentence,
    guard_fact,
    guard_meaning,
    guard_sentence,
    moment,
    more,
    number,
    plan_sentence,
    skip_sentence,
)

_INPUTS = (
    ("sis", "source", "SIS"),
    ("sis", "rows", "Rows read"),
    ("sis", "rejected", "Rows that could not be used"),
    ("sis", "active", "Students who are here"),
    ("sis", "complete", "SIS read to its end"),
    ("sis", "delta", "Only what changed"),
    ("sis", "warnings", "To know"),
    ("directory", "source", "Directory"),
    ("directory", "policy", "Directory policy"),
    ("directory", "entries", "Directory entries"),
    ("directory", "complete", "Directory read to its end"),
    ("directory", "reason", "Why not"),
    ("store", "claimed", "Accounts of SIS students before"),
    ("store", "baseline", "Students of the last run"),
    ("mapping", "file", "Mapping"),
    ("mapping", "fingerprint", "Mapping fingerprint"),
)
"""What a plan's inputs hold, and how a person calls it."""
_TITLES = {"sync": "Synchronisation plan", "undo": "Undo plan", "rename": "Rename plan", "import": "Import plan"}


class ChangeRow(NamedTuple):
    """One change as the page shows it; `first` is the first of its kind."""

    action: Action
    mark: str
    tone: str
    name: str
    sis_code: str
    username: str
    differences: list[Difference]
    outline: str
    why: str
    first: bool


class SkipRow(NamedTuple):
    """One student without an account."""

    sis_code: str
    meaning: Meaning
    detail: str
    todo: str


class Tile(NamedTuple):
    """One number of the summary."""

    number: int
    mark: str
    word: str
    tone: str


def plan_html(
    plan: Plan,
    school: str,
    *,
    command: str = "trackone apply plan.json",
    all_rows: str = "",
    names: Mapping[str, str] = NO_NAMES,
    most: int = MOST,
    run: int | None = None,
    total: int = 0,
) -> str:
    """The whole plan on one page that needs no network and prints on A4; what was done, where it is done as `run`.

    `command` is what does the plan; `names` are the students' names by SIS code, for rows without an account. A
    table has at most `most` rows and says what it leaves out: `all_rows` is the command that shows them.
    `total` is how many changes there are in all, where the plan holds the first of them only.
    """
    all_rows = all_rows or (shows_all(plan) if run is None else f"trackone runs show {run} --format json")
    changes = sorted(plan.changes, key=lambda one: ORDER.index(one.action))
    table = finding_table(plan.findings, most)
    office = corrections(plan.findings, plan.skips, names=names)
    total = max(len(changes), total)
    return page(
        "plan.html",
        _TITLES.get(plan.kind, "Plan") if run is None else f"Run {run}",
        school,
        plan=plan,
        as_of=day(date.fromisoformat(plan.read.as_of) if plan.read else plan.created_at.date()),
        names=names,
        sentence=plan_sentence(plan) if run is None else done_sentence(plan.counts),
        run=run,
        total=total,
        command=accepting(command, [line.code for line in plan.refused]),
        **_guard(plan),
        tiles=_tiles(plan),
        by_year=change_chart("years", "Changes by year level", changes),
        changes=_change_rows(changes[:most]),
        chips=_chips(changes[:most]),
        left_out=more(max(0, total - most, total - len(changes)), all_rows),
        skips=[_skip_row(skip) for skip in waiting_first(plan.skips)[:most]],
        skip_sentence=skip_sentence(plan.skips),
        skips_left_out=more(max(0, len(plan.skips) - most), all_rows),
        findings=table,
        findings_left_out=more(len(plan.findings) - table.shown, all_rows),
        attention=attention_sentence(attention(plan.findings)),
        office=office[:most],
        office_total=len(office),
        office_left_out=more(max(0, len(office) - most), all_rows),
        facts=_facts(plan),
    )


def _guard(plan: Plan) -> dict[str, Any]:
    """The guard's verdict and the lines a person has to know of."""
    lines = [line for line in plan.guard if line.refused or line.code == "mapping-changed"]
    said = [
        {
            "code": line.code,
            "accepted": line.accepted,
            "fact": guard_fact(line),
            "meaning": guard_meaning(line.code) if line.refused and not line.accepted else "",
        }
        for line in lines
    ]
    return {"guard_sentence": guard_sentence(plan), "guard_lines": said, "refused_mark": REFUSED}


def _tiles(plan: Plan) -> list[Tile]:
    counts = plan.counts
    tiles = [Tile(getattr(counts, action), MARKS[action], action.value, TONES[action]) for action in Action]
    tiles = [tile for tile in tiles if tile.number or tile.word != Action.REMOVE]
    if plan.kind != "sync":
        return [tile for tile in tiles if tile.number]
    return [
        *tiles,
        Tile(counts.unchanged, UNCHANGED, "unchanged", "muted"),
        Tile(counts.skip, "○", "no account", "muted"),
    ]


def _change_rows(changes: list[Change]) -> list[ChangeRow]:
    rows: list[ChangeRow] = []
    for change in changes:
        first = not rows or rows[-1].action is not change.action
        rows.append(_change_row(change, first=first))
    return rows


def _change_row(change: Change, *, first: bool) -> ChangeRow:
    return ChangeRow(
        action=change.action,
        mark=MARKS[change.action],
        tone=TONES[change.action],
        name=person(change.subject),
        sis_code=change.sis_code,
        username=change.username,
        differences=differences(change),
        outline=outline(change.subject),
        why=why(change),
        first=first,
    )


def _chips(changes: list[Change]) -> list[Chip]:
    actions = [change.action for change in changes]
    return [Chip(one, MARKS[one], one.value.capitalize(), TONES[one], actions.count(one)) for one in ORDER]


def _skip_row(skip: Skip) -> SkipRow:
    meaning = skip_meaning(skip.reason)
    return SkipRow(skip.sis_code, meaning, skip.detail, skip.suggestion or meaning.todo)


def _facts(plan: Plan) -> list[tuple[str, str]]:
    """What was read, as the plan tells it, and the plan's own marks; what it does not tell is left out."""
    told = [(label, (plan.inputs.get(side) or {}).get(key)) for side, key, label in _INPUTS]
    facts = [(label, _said(value)) for label, value in told]
    facts += [("Plan made", f"{moment(plan.created_at, UTC)} UTC"), ("Plan fingerprint", plan.fingerprint)]
    return [(label, fact) for label, fact in facts if fact]


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return number(value)
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value or "")
