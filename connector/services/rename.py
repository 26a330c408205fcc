"""Rename accounts to what mapping now proposes, one by one and by a person's wish."""

from collections.abc import Sequence

from connector.domain.account import Account
from connector.domain.errors import ConfigError
from connector.domain.finding import Finding, finding
from connector.domain.plan import Change, Counts, Plan, Skip
from connector.domain.ports import AccountReader, Progress
from connector.domain.student import Reject, Student
from connector.mapping.keys import fold_key
from connector.mapping.mapper import Mapper
from connector.planning.correlate import correlate
from connector.planning.decide import Decider
from connector.planning.names import Names
from connector.planning.plan_file import fingerprinted
from connector.planning.verdict import Powers
from connector.services.adoption import settle_adoptions
from connector.services.decision import ENTRIES, Request
from connector.services.parts import Parts, look_at_directory
from connector.services.reuse import without_expired


def rename_plan(parts: Parts, codes: Sequence[str], request: Request, progress: Progress, *, anyway: bool) -> Plan:
    """The renames of these students, with counters where names are taken.

    Raises ConfigError for a code nobody has.
    """
    wanted = {fold_key(code.strip()): code for code in codes}
    changes: list[Change] = []
    skips: list[Skip] = []
    findings: list[Finding] = []
    with parts.store.view() as accounts:
        students = _students(parts, accounts, request, wanted, progress)
        known = {fold_key(one.account.sis_code): one.account for one in accounts.students_by_code(list(wanted))}
        decider = _decider(parts, accounts, [(students[key], known[key]) for key in students if key in known], anyway)
        for key, code in wanted.items():
            if key not in students or key not in known:
                missing = "the SIS read" if key not in students else "the user store"
                raise ConfigError(
                    f"{code}: no student with this SIS code in {missing}", hint=f"See: trackone why {code}"
                )
            verdict = decider.rename(students[key], known[key])
            findings += verdict.findings
            if verdict.change is not None:
                changes.append(verdict.change)
            elif not verdict.findings:
                findings.append(_stays(known[key].username, code))
    counts = Counts(rename=len(changes), unchanged=len(wanted) - len(changes), skip=len(skips))
    return fingerprinted(
        Plan(parts.clock(), tuple(changes), tuple(skips), tuple(findings), (), counts, kind="rename")
    )


def _students(
    parts: Parts, accounts: AccountReader, request: Request, wanted: dict[str, str], progress: Progress
) -> dict[str, Student]:
    reading = parts.source.open(request.as_of, accounts.state("code_kind") or "")
    found: dict[str, Student] = {}
    for number, row in enumerate(reading.rows(), 1):
        if number % 5_000 == 0:
            progress("Reading the SIS", number, None)
        key = fold_key(reading.code(row))
        if key in wanted:
            item = reading.student(row)
            if isinstance(item, Reject):
                raise ConfigError(f"{item.place}: {item.detail}", hint="Correct the row in the SIS and export again.")
            if key in found:
                raise ConfigError(f"{item.place}: the SIS code {item.sis_code} stands in more than one row")
            found[key] = item
    return found


def _decider(
    parts: Parts, accounts: AccountReader, pairs: Sequence[tuple[Student, Account]], anyway: bool
) -> Decider:
    view = look_at_directory(parts, accounts.state(ENTRIES))
    directory = None
    if view.read is not None and view.complete:
        directory = correlate(view.read, {fold_key(one.sis_code) for one in accounts.accounts() if one.sis_code})
    holders = without_expired(accounts.holders, parts.rules.usernames, parts.clock())
    names = Names(holders, accounts.account, directory)
    powers = Powers(rename=True, dodge=True, anyway=anyway)
    decider = Decider(Mapper(parts.rules, view.nesting), parts.rules, names, powers, directory, parts.directory_rules)
    if decider.adopts:
        settle_adoptions(decider, names, accounts, pairs)
    return decider


def _stays(username: str, code: str) -> Finding:
    return finding(
        "username-stays",
        sis_code=code,
        username=username,
        detail=f"mapping still gives {username} to this student: nothing to rename",
    )
