"""Everything one run decides, before anything is done: the read, the sweep and what the guard measures."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, NamedTuple

from connector.domain.plan import Action, GuardLine, ReadRecord
from connector.domain.ports import AccountReader, IncrementalSource, Progress, Reading, SightingNote
from connector.mapping.keys import fold_key
from connector.mapping.mapper import Mapper
from connector.planning.correlate import Correlation, correlate
from connector.planning.decide import Decider
from connector.planning.guard import Measures, judge
from connector.planning.names import Names
from connector.planning.verdict import powers_of_a_sync
from connector.services.intake import Intake
from connector.services.parts import DirectoryView, Parts, look_at_directory
from connector.services.reuse import without_expired
from connector.services.sweep import Observer, Planned, Sweep
from connector.services.tally import Tally

# What runs remember in the store beside the accounts.
SCOPE, MAPPING, CODE_KIND, AS_OF, ENTRIES = "scope", "mapping", "code_kind", "as_of", "directory_entries"
BOOKMARK, READ_AT, DONE_AT = "sis_bookmark", "read_at", "done_at"
_BEGINNING = (CODE_KIND, ENTRIES, BOOKMARK)
"""What the reads begin from."""


@dataclass(frozen=True, slots=True)
class Request:
    """How a plan or a sync is asked for: for which day, by a person or a schedule, accepting which refusals."""

    as_of: date
    attended: bool
    accept: tuple[str, ...] = ()


class Begun(NamedTuple):
    """The reads of one run, begun: the SIS, the directory, and what they began from."""

    reading: Reading
    view: DirectoryView
    facts: tuple[str, ...]


def begin_ahead(parts: Parts, request: Request) -> Begun:
    """Begin the reads before the store is locked, since a live SIS or directory may take minutes to answer.

    Nobody looking on, only what changed since the last applied run is read, where the source can tell that and
    nothing but the SIS decides: not with another mapping, version or population, nor where the directory decides.
    Raises SourceError and ConfigError.
    """
    with parts.store.view() as accounts:
        facts = _facts(accounts)
        code_kind, entries, bookmark = facts
    view = look_at_directory(parts, entries or None, request.accept)
    source = parts.source
    if isinstance(source, IncrementalSource) and not request.attended and not view.decides:
        stamp, _, rest = bookmark.partition(" ")
        reading = source.open_since(request.as_of, code_kind, rest if stamp == _stamp(parts) else "")
    else:
        reading = source.open(request.as_of, code_kind)
    return Begun(reading, view, facts)


def _facts(accounts: AccountReader) -> tuple[str, ...]:
    return tuple(accounts.state(key) or "" for key in _BEGINNING)


def _stamp(parts: Parts) -> str:
    """What a bookmark holds good for: with other rules, those who did not change are to be decided again too."""
    return sha256(f"{parts.version}\n{parts.rules.fingerprint}\n{parts.scope}".encode()).hexdigest()[:16]


class Decision:
    """One run's decision over one consistent view of the accounts; run `items` to its end, then ask the rest."""

    def __init__(
        self,
        parts: Parts,
        accounts: AccountReader,
        request: Request,
        *,
        remember: bool,
        observe: Observer | None = None,
        begun: Begun | None = None,
        progress: Progress,
    ) -> None:
        self._parts = parts
        self._accounts = accounts
        self._request = request
        self._progress = progress
        self._remember = remember
        self._observe = observe
        if begun is None or begun.facts != _facts(accounts):
            reading = parts.source.open(request.as_of, accounts.state(CODE_KIND) or "")
            begun = Begun(reading, look_at_directory(parts, accounts.state(ENTRIES), request.accept), ())
        self.reading: Reading = begun.reading
        self.view: DirectoryView = begun.view
        self._mapping_before = accounts.state(MAPPING)
        self._code_kind_before = accounts.state(CODE_KIND)
        self._last_as_of = accounts.state(AS_OF)
        self._population = accounts.claimed_count(parts.rules.scope.year_levels)
        self._codes_without_account = accounts.baseline_codes()
        self._baseline = self._baseline_size()
        self._intake = Intake(self.reading, parts.rules.fingerprint, parts.version, self._digests())
        self._sweep = self._make_sweep()

    def items(self) -> Iterator[Planned | SightingNote]:
        """Read the SIS, then decide everybody."""
        self._intake.take(self._progress)
        yield from self._sweep.items()
        self.tally.findings.extend(self.view.findings)
        self.tally.findings.extend(self.reading.findings)

    def second_thoughts(self) -> Iterator[SightingNote]:
        """What to remember once everything is written."""
        return self._sweep.second_thoughts()

    @property
    def tally(self) -> Tally:
        """What was counted and collected."""
        return self._sweep.tally

    def guard(self) -> tuple[GuardLine, ...]:
        """What the guard says of all that was decided."""
        return judge(
            self._measures(), self._parts.limits, accept=self._request.accept, attended=self._request.attended
        )

    def read_record(self) -> ReadRecord:
        """What an applied run must leave behind."""
        return ReadRecord(
            mapping=self._parts.rules.fingerprint,
            scope=self._parts.scope,
            as_of=self._request.as_of.isoformat(),
            code_kind=self.reading.code_kind,
            active=tuple(self.tally.active_codes),
            missing=tuple(self.tally.missing_codes),
            delta=self.reading.delta,
            bookmark=f"{_stamp(self._parts)} {self.reading.bookmark}" if self.reading.bookmark else "",
            whole=self.reading.complete and not self.tally.unreadable_code,
            linked=tuple(self.tally.linked),
        )

    def inputs(self) -> dict[str, Any]:
        """What was read, for the plan and the record of the run: sources and sizes, nobody's data."""
        read = self.view.read
        directory: dict[str, Any] = {}
        if self._parts.directory is not None:
            directory = {
                "policy": self._parts.directory_rules.policy,
                "source": read.completeness.source if read else "",
                "entries": len(read.entries) if read else 0,
                "complete": self.view.complete,
                "reason": self.view.fault,
            }
        return {
            "sis": {
                "source": self.reading.source,
                "as_of": self._request.as_of.isoformat(),
                "rows": self._intake.rows,
                "rejected": self.tally.rejects,
                "active": self.tally.active,
                "complete": self.reading.complete,
                "delta": self.reading.delta,
                "warnings": list(self.reading.warnings),
            },
            "directory": directory,
            "store": {"claimed": self._population, "baseline": self._baseline},
            "mapping": {"file": self._parts.rules.path, "fingerprint": self._parts.rules.fingerprint},
        }

    def _make_sweep(self) -> Sweep:
        parts, accounts = self._parts, self._accounts
        known_codes: set[str] | None = None
        directory: Correlation | None = None
        if self.view.read is not None and self.view.complete:
            known_codes = {fold_key(one.sis_code) for one in accounts.accounts() if one.sis_code}
            directory = correlate(self.view.read, known_codes)
        holders = without_expired(accounts.holders, parts.rules.usernames, parts.clock())
        names = Names(None if accounts.is_empty() else holders, accounts.account, directory)
        powers = powers_of_a_sync(parts.rules, attended=self._request.attended)
        mapper = Mapper(parts.rules, self.view.nesting)
        decider = Decider(mapper, parts.rules, names, powers, directory, parts.directory_rules)
        return Sweep(
            self._intake,
            self.reading,
            accounts,
            parts.rules,
            names,
            decider,
            self._request.as_of,
            directory=directory,
            known_codes=known_codes,
            remember=self._remember and parts.directory is None,
            observe=self._observe,
            progress=self._progress,
        )

    def _digests(self) -> set[int]:
        """The digests that hold; none when the directory has a say, or when the clock went back."""
        if not self._remember or self._parts.directory is not None:
            return set()
        if self._last_as_of and self._request.as_of.isoformat() < self._last_as_of:
            return set()
        return self._accounts.known_digests(self._request.as_of)

    def _baseline_size(self) -> int | None:
        if self._accounts.state(SCOPE) != self._parts.scope:
            return None
        return self._accounts.baseline_size() + len(self._codes_without_account)

    def _measures(self) -> Measures:
        tally, hits = self.tally, self._intake.hits
        baseline = self._baseline
        return Measures(
            rows=self._intake.rows,
            rejects=tally.rejects,
            active=tally.active,
            population=self._population + tally.newly_claimed,
            baseline=baseline,
            shrunk=0 if baseline is None else max(0, baseline - tally.baseline_seen - hits),
            archives=tally.changes[Action.ARCHIVE],
            renames=tally.renames,
            delta=self.reading.delta,
            directory_fault=(self.view.fault or self.view.shrunk) if self.view.decides else "",
            mapping_changed=self._mapping_before not in (None, self._parts.rules.fingerprint),
            key_changed=self._key_changed(),
        )

    def _key_changed(self) -> str:
        before, now = self._code_kind_before, self.reading.code_kind
        if not before or not now or before == now:
            return ""
        return f"the SIS code was read from {before} until now, and would be read from {now}"
