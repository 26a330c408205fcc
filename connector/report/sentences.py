"""The sentences of every report, so that command line, page and console say the same words."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo

from connector.domain.alignment import Alignment
from connector.domain.entry import Completeness
from connector.domain.plan import Action, Counts, GuardLine, Plan, Skip
from connector.domain.run import Run
from connector.report.glossary import Who, skip_meaning

_DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.RENAME: "renamed",
    Action.ARCHIVE: "archived",
    Action.RESTORE: "restored",
    Action.REMOVE: "removed",
}
_MOST_DIFFER = 0.5
"""From this share of the students on the method is at fault rather than the accounts."""
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# What was measured, then why the rule exists and what accepting does. An empty fact leaves it to the line's detail.
_GUARD = {
    "max-archives": (
        "{value} of {population} accounts would be archived; {limit} may be at once",
        "A cut or filtered export looks like this. Accepting archives them all: they cannot sign in until restored.",
    ),
    "max-renames": (
        "{value} of {population} accounts would be renamed; {limit} may be at once",
        "A changed mapping looks like this. Accepting gives them all another name to sign in with.",
    ),
    "max-shrink": (
        "{value} of {population} students of the last run are not here any more; {limit} may be",
        "A cut or filtered export, or new SIS codes, look like this. Accepting takes this read for the whole school.",
    ),
    "max-rejects": (
        "{value} of {population} rows could not be used; {limit} may be",
        "A changed export looks like this. Accepting leaves those rows out and goes on with the others.",
    ),
    "empty-read": (
        "{value} students are here; at least {limit} must be",
        "A failed export looks like this. Accepting believes that nobody is at the school.",
    ),
    "incomplete-directory": (
        "the directory was not read to its end",
        "Nobody can be said to have no login. Accepting takes one that is only smaller than last time for whole.",
    ),
    "mapping-changed": (
        "",
        "Usernames and roles may come out differently. Accepting applies the new mapping.",
    ),
    "key-changed": (
        "the SIS code comes from another field than in the last run",
        "Every student would look new. Accepting takes the new field for good.",
    ),
}


def number(value: int) -> str:
    """1204 as 1,204."""
    return f"{value:,}"


def many(value: int, one: str, more: str = "") -> str:
    """The number with its noun: 1 account, 1,204 accounts."""
    return f"{value:,} {one if value == 1 else more or one + 's'}"


def next_steps(alignment: Alignment) -> list[str]:
    """The commands that put right what an alignment found: another method, changes on either side."""
    differing = alignment.by_code.get("username-differs", 0)
    steps = []
    if differing > alignment.students * _MOST_DIFFER:
        steps.append("Most usernames differ: which method the network uses says trackone suggest")
    if alignment.fixes:
        what = many(len(alignment.fixes), "change", "changes")
        steps.append(f"{what} to the directory, as a table for its administrator: trackone align --fix-csv fixes.csv")
    if alignment.new_names:
        what = many(len(alignment.new_names), "username")
        steps.append(f"{what} that can be made the network login: trackone align --renames names.csv")
    return steps


def percent(part: int, whole: int) -> str:
    """The share with one decimal, rounded down: only all is 100%, only none is 0%."""
    if whole <= 0 or part <= 0:
        return "0%"
    return "100%" if part >= whole else f"{max(1, 1000 * part // whole) / 10:.1f}%"


def day(value: date) -> str:
    """A day as 2 March 2026."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime, zone: tzinfo) -> str:
    """A moment as 2026-03-02 09:14 in the reader's zone."""
    return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def listed(words: Sequence[str]) -> str:
    """One, two and three."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def more(left_out: int, command: str) -> str:
    """How many rows a table leaves out, and the command that gives them all; empty where it leaves out none."""
    said = f"and {number(left_out)} more: {command}" if left_out else ""
    return said.removesuffix(": ")


def students_read(plan: Plan) -> int:
    """How many rows of the SIS were read; where the plan does not say, how many students it speaks of."""
    rows = (plan.inputs.get("sis") or {}).get("rows")
    counts = plan.counts
    if isinstance(rows, int):
        return rows
    return (
        sum((counts.create, counts.update, counts.rename, counts.archive, counts.restore))
        + counts.unchanged
        + counts.skip
    )


def to_do(counts: Counts) -> str:
    """31 accounts to create, 12 to update; empty where there is nothing to do."""
    return _tally(counts, {action: f"to {action.value}" for action in Action})


def done(counts: Counts) -> str:
    """31 accounts created, 12 updated; empty where nothing was done."""
    return _tally(counts, _DONE)


def plan_sentence(plan: Plan) -> str:
    """What a plan comes to: who was read, what is to happen, what stays, who gets no account."""
    counts = plan.counts
    if plan.kind == "undo":
        run = f"run {plan.undoes}" if plan.undoes is not None else "a run"
        return _together(f"Undo of {run}: {to_do(counts) or 'nothing to do'}")
    act = to_do(counts) or "Nothing to change"
    if plan.kind != "sync":
        return _together(act, _unchanged(counts))
    read = f"{many(students_read(plan), 'student')} read"
    return _together(read, act, _unchanged(counts), _without(counts.skip, "gets" if counts.skip == 1 else "get"))


def counted(counts: dict[str, int]) -> Counts:
    """The recorded counts as a Counts; keys it does not know are left out."""
    return Counts(**{key: value for key, value in counts.items() if key in Counts.__dataclass_fields__})


def done_sentence(counts: Counts) -> str:
    """What a run did, in the past tense."""
    return _together(done(counts) or "Nothing had to change", _unchanged(counts), _without(counts.skip, "got"))


def skip_sentence(skips: Iterable[Skip]) -> str:
    """Why students get no account, most frequent first; empty where all get one."""
    titles = (skip_meaning(skip.reason).title for skip in skips)
    reasons = Counter(title[0].lower() + title[1:] for title in titles)
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    said = ", ".join(f"{words} ({number(count)})" for words, count in ranked)
    return f"{said[0].upper()}{said[1:]}." if said else ""


def guard_fact(line: GuardLine) -> str:
    """What one rule of the guard measured, with its numbers."""
    fact, _ = _GUARD.get(line.code, ("{value} of {population}, limit {limit}", ""))
    said = fact.format(value=number(line.value), limit=number(line.limit), population=number(line.population))
    return f"{said} ({line.detail})" if said and line.detail else said or line.detail


def guard_meaning(code: str) -> str:
    """Why a rule of the guard exists, and what accepting its refusal does."""
    return _GUARD.get(code, ("", "Accepting goes on all the same."))[1]


def guard_sentence(plan: Plan) -> str:
    """Whether the guard lets the plan through, and under which acceptances."""
    if plan.refused:
        return f"Refused by the guard: {listed([line.code for line in plan.refused])}."
    accepted = [line.code for line in plan.guard if line.refused and line.accepted]
    if accepted:
        return f"Allowed by the guard, because this was accepted: {listed(accepted)}."
    return "Allowed by the guard: every number is within its limit."


def accepting(command: str, codes: Collection[str]) -> str:
    """The command with the guard codes a person would have to accept."""
    return f"{command} --accept {' '.join(codes)}" if codes else command


def alignment_sentence(alignment: Alignment) -> str:
    """How many students have a username that equals their network login, and how that moved since last time."""
    entries = f"The directory has {many(alignment.directory_entries, 'entry', 'entries')}"
    if not alignment.students:
        return _together("There is no active student to compare", entries)
    have = "has" if alignment.matched == 1 else "have"
    if not alignment.completeness.complete:
        found = f"{number(alignment.matched)} of {many(alignment.students, 'student')} could be compared and matched"
        return _together(found, "What the others have is not known, so there is no match rate", entries)
    rate = percent(alignment.matched, alignment.students)
    of = f"{number(alignment.matched)} of {many(alignment.students, 'student')}"
    trend = trend_sentence(alignment)
    share = f"{rate}, {trend}" if trend else rate
    matched = f"{of} {have} a username that equals the network login ({share})"
    return _together(matched, *_without_account(alignment.proposed), entries)


def _without_account(proposed: int) -> Sequence[str]:
    if not proposed:
        return ()
    counts = "has no account yet and counts" if proposed == 1 else "have no account yet and count"
    return (f"{number(proposed)} {counts} with the username a sync would give",)


def trend_sentence(alignment: Alignment) -> str:
    """How the match rate moved since last time, in points; empty where there is no last time."""
    if alignment.trend is None or alignment.match_rate is None:
        return ""
    points = round(100 * (alignment.match_rate - alignment.trend.last.share.rate), 1)
    if not points:
        return "as last time"
    return f"{abs(points):.1f} points {'more' if points > 0 else 'less'} than last time"


def completeness_sentence(read: Completeness) -> str:
    """Whether the directory was read to its end, and what was left out."""
    if not read.complete:
        reason = f": {read.reason.rstrip('.')}" if read.reason else ""
        return _together(
            f"The directory was not read to its end{reason}", "Nobody is listed for being absent from it"
        )
    left_out = f"{many(read.excluded, 'entry', 'entries')} left out by rule" if read.excluded else ""
    return _together("The directory was read to its end", left_out)


def attention_sentence(waiting: Mapping[Who, int]) -> str:
    """How many findings wait for whom; empty where nobody has to act."""
    some = [(count, f"for the {who}") for who, count in waiting.items() if count]
    first = [f"{many(count, 'finding')} {whom}" for count, whom in some[:1]]
    return _together(listed(first + [f"{number(count)} {whom}" for count, whom in some[1:]]))


def run_sentence(run: Run, zone: tzinfo) -> str:
    """Which run it was: its number, what it was, who started it, from where and when."""
    who = f"by {run.actor} " if run.actor else ""
    origin = f"({run.origin}) " if run.origin else ""
    ended = "" if run.finished_at else ", not finished"
    return f"Run {run.number}: {run.command} {who}{origin}at {moment(run.started_at, zone)}{ended}."


def _tally(counts: Counts, words: dict[Action, str]) -> str:
    parts = [(getattr(counts, action.value), word) for action, word in words.items()]
    some = [(count, word) for count, word in parts if count]
    texts = [f"{number(count)} {word}" for count, word in some]
    if some:
        count, word = some[0]
        texts[0] = f"{many(count, 'account')} {word}"
    return ", ".join(texts)


def _unchanged(counts: Counts) -> str:
    return f"{number(counts.unchanged)} unchanged" if counts.unchanged else ""


def _without(skipped: int, verb: str) -> str:
    return f"{many(skipped, 'student')} {verb} no account" if skipped else ""


def _together(*parts: str) -> str:
    return " ".join(f"{part}." for part in parts if part)
