"""Everything that leads to one person's account: row, rules, names, link, change and history."""

from dataclasses import dataclass
from itertools import islice

from connector.domain.account import Account, Holder
from connector.domain.entry import DirectoryEntry
from connector.domain.errors import ConfigError
from connector.domain.finding import Finding
from connector.domain.plan import Change, Skip
from connector.domain.ports import AccountReader, Progress
from connector.domain.run import Outcome
from connector.domain.student import Reject, Student
from connector.mapping.desired import Proposal, Step
from connector.mapping.keys import fold_key
from connector.mapping.mapper import Mapper
from connector.planning.correlate import code_key, correlate
from connector.services.decision import ENTRIES, Decision, Request
from connector.services.parts import DirectoryView, Parts, look_at_directory
from connector.services.sweep import Planned

CANDIDATES = 8
MATCHES = 10


@dataclass(frozen=True, slots=True)
class Explanation:
    """One person, from every side; what is not there is empty or None.

    `rows` are what the SIS read shows under the code, `steps` what mapping makes of the row, `candidates` the
    usernames in order with who holds each, `change`, `skips` and `findings` what a plan made now would say.
    """

    sis_code: str
    rows: tuple[Student | Reject, ...] = ()
    steps: tuple[Step, ...] = ()
    candidates: tuple[tuple[str, Holder | None], ...] = ()
    account: Account | None = None
    former_names: tuple[str, ...] = ()
    entries: tuple[DirectoryEntry, ...] = ()
    directory_fault: str = ""
    change: Change | None = None
    skips: tuple[Skip, ...] = ()
    findings: tuple[Finding, ...] = ()
    history: tuple[Outcome, ...] = ()


def explain(parts: Parts, who: str, request: Request, progress: Progress) -> Explanation:
    """All that is known of a SIS code or a username. Raises ConfigError when nobody and no row has it."""
    with parts.store.view() as accounts:
        account = _account(accounts, who)
        code = account.sis_code if account is not None and account.sis_code else who
        rows = _rows(parts, accounts, code, request, progress)
        if account is None and not rows:
            raise ConfigError(
                f"{who}: no account has this username or SIS code, and no row of the SIS read has this code",
                hint=_nearest(parts, accounts, who, request),
            )
        decision = Decision(parts, accounts, request, remember=False, progress=progress)
        key = fold_key(code)
        change = next(
            (one.change for one in decision.items() if isinstance(one, Planned) and _is(one.change, key)), None
        )
        student = rows[0] if len(rows) == 1 and isinstance(rows[0], Student) else None
        view = look_at_directory(parts, accounts.state(ENTRIES))
        entries = _entries(view, code, account)
        groups = _groups(parts, view, entries)
        mapper = Mapper(parts.rules, view.nesting)
        return Explanation(
            sis_code=code,
            rows=rows,
            steps=tuple(mapper.explain(student, groups)) if student else (),
            candidates=_candidates(accounts, mapper, student, groups),
            account=account,
            former_names=tuple(accounts.retired_names(account.id)) if account else (),
            entries=entries,
            directory_fault=view.fault,
            change=change,
            skips=tuple(one for one in decision.tally.skips if fold_key(one.sis_code) == key),
            findings=tuple(one for one in decision.tally.findings if one.sis_code and fold_key(one.sis_code) == key),
            history=tuple(parts.store.history(account.id)[:20]) if account else (),
        )


def _groups(parts: Parts, view: DirectoryView, entries: tuple[DirectoryEntry, ...]) -> frozenset[str] | None:
    """The groups the rules go by; None, which is not known, where a directory was not read to its end."""
    if parts.directory is not None and not view.complete:
        return None
    return entries[0].groups if entries else frozenset()


def _is(change: Change, key: str) -> bool:
    return fold_key(change.sis_code) == key


def _account(accounts: AccountReader, who: str) -> Account | None:
    found = accounts.find(who)
    exact = [one for one in found if fold_key(one.sis_code) == fold_key(who)]
    return next(iter(exact or found), None)


def _nearest(parts: Parts, accounts: AccountReader, who: str, request: Request) -> str:
    """Whom the word may mean: usernames and SIS codes of those in whose username or name it occurs."""
    word = fold_key(who.strip())
    found: dict[str, str] = {}
    for one in accounts.accounts():
        if word in fold_key(f"{one.username} {one.given_names} {one.family_name}"):
            found[fold_key(one.sis_code) or one.username] = f"{one.username} ({one.sis_code or one.user_type})"
    reading = parts.source.open(request.as_of, accounts.state("code_kind") or "")
    for item in map(reading.student, reading.rows()):
        if isinstance(item, Student) and word in fold_key(f"{item.given} {item.legal_given} {item.family}"):
            found.setdefault(fold_key(item.sis_code), item.sis_code)
    if not found:
        return "Look at the whole: trackone plan; or search: trackone accounts list TEXT"
    names = list(found.values())
    rest = f" and {len(names) - MATCHES} more: trackone accounts list {who}" if len(names) > MATCHES else ""
    return f"It occurs in {', '.join(names[:MATCHES])}{rest}"


def _rows(
    parts: Parts, accounts: AccountReader, code: str, request: Request, progress: Progress
) -> tuple[Student | Reject, ...]:
    reading = parts.source.open(request.as_of, accounts.state("code_kind") or "")
    key = fold_key(code)
    rows = [reading.student(row) for row in reading.rows() if fold_key(reading.code(row)) == key]
    progress("Reading the SIS", len(rows), len(rows))
    return tuple(rows)


def _entries(view: DirectoryView, code: str, account: Account | None) -> tuple[DirectoryEntry, ...]:
    """The directory entries keyed to the code, and the one whose login is the username, whoever's it is."""
    if view.read is None:
        return ()
    correlation = correlate(view.read, {code_key(code)})
    keyed = correlation.entries_of(code)
    owner = correlation.login_owner(account.username) if account else None
    return (*keyed, owner) if owner is not None and owner not in keyed else keyed


def _candidates(
    accounts: AccountReader, mapper: Mapper, student: Student | None, groups: frozenset[str] | None
) -> tuple[tuple[str, Holder | None], ...]:
    if student is None:
        return ()
    name = mapper.desire(student, groups).name
    if not isinstance(name, Proposal):
        return ()
    candidates = list(islice(name.candidates(), CANDIDATES))
    holders = accounts.holders([fold_key(one) for one in candidates])
    return tuple((one, holders.get(fold_key(one))) for one in candidates)
