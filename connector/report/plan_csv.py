"""A plan as CSV: everything it says, one line a fact."""

from collections.abc import Iterator

from connector.domain.account import export
from connector.domain.finding import Finding
from connector.domain.plan import Change, GuardLine, Plan, Skip
from connector.report.changes import what, why
from connector.report.csv_lines import csv_lines
from connector.report.findings import ordered
from connector.report.glossary import finding_meaning, skip_meaning
from connector.report.sentences import guard_fact

HEADER = (
    *("kind", "what", "severity", "sis_code", "username", "family_name", "given_names", "year_level", "campus"),
    *("changes", "why", "suggestion", "login", "dn"),
)


def plan_csv(plan: Plan) -> Iterator[str]:
    """One line for each part of the guard, each change, each skip and each finding, in that order.

    `kind` says which of them a line is; `what` is the guard's code, the action, the reason or the code.
    """
    return csv_lines(HEADER, _plan_rows(plan))


def _plan_rows(plan: Plan) -> Iterator[list[str]]:
    yield from (_guard(line) for line in plan.guard)
    yield from (_change(change) for change in plan.changes)
    yield from (_skip(skip) for skip in plan.skips)
    yield from (_finding(found) for found in ordered(plan.findings))


def _guard(line: GuardLine) -> list[str]:
    verdict = "allowed" if not line.refused else "accepted" if line.accepted else "refused"
    return _cells(kind="guard", what=line.code, changes=verdict, why=guard_fact(line))


def _change(change: Change) -> list[str]:
    account = export(change.subject)
    who = {key: account[key] for key in ("family_name", "given_names", "year_level", "campus")}
    return _cells(
        kind="change",
        what=str(change.action),
        sis_code=change.sis_code,
        username=change.username,
        changes=what(change),
        why=why(change),
        **who,
    )


def _skip(skip: Skip) -> list[str]:
    said = skip.detail or skip_meaning(skip.reason).title
    return _cells(kind="skip", what=skip.reason, sis_code=skip.sis_code, why=said, suggestion=skip.suggestion)


def _finding(found: Finding) -> list[str]:
    return _cells(
        kind="finding",
        what=found.code,
        severity=str(found.severity),
        sis_code=found.sis_code or "",
        username=found.username or "",
        why=found.detail or finding_meaning(found.code).title,
        suggestion=found.suggestion or "",
        login=found.login or "",
        dn=found.dn or "",
    )


def _cells(**named: str) -> list[str]:
    return [named.get(key, "") for key in HEADER]
