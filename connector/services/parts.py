"""What the services work with: the adapters and values of one school, put together by bootstrap."""

from collections.abc import Callable, Container
from dataclasses import dataclass, field, replace

from connector.domain.entry import DirectoryRead
from connector.domain.errors import ConfigError, DirectoryError
from connector.domain.finding import Finding, finding
from connector.domain.limits import DirectoryRules, GuardLimits
from connector.domain.ports import AlignmentRecords, Clock, Credential, Directory, RunWriter, Source, Store
from connector.domain.ruleset import AllOf, AnyOf, NotOf, RuleSet, Test, When
from connector.domain.turn import Turn
from connector.mapping.conditions import NO_NESTING, Nesting
from connector.planning.correlate import IF_SMALLER, mistrust

_LOOK = "Run: trackone check --connect"

CredentialMaker = Callable[[RunWriter], Callable[[], Credential]]
"""Given a run, what makes the password of each account it creates."""


@dataclass(frozen=True, slots=True)
class Parts:
    """One school, ready to work: where it reads, what it decides by, where it writes.

    `scope` identifies the population the guard's baseline belongs to. `version` is the product's: another
    version may decide otherwise, so what an earlier one found settled is looked at again. `turn` is the school's
    turn in a round of a fleet, where a sync is one.
    """

    source: Source
    store: Store
    rules: RuleSet
    limits: GuardLimits
    clock: Clock
    credentials: CredentialMaker
    scope: str
    version: str
    directory: Directory | None = None
    alignments: AlignmentRecords | None = None
    directory_rules: DirectoryRules = field(default_factory=DirectoryRules)
    turn: Turn | None = None


@dataclass(frozen=True, slots=True)
class DirectoryView:
    """The directory as one run sees it.

    `read` is None without a directory or when nothing could be read. `fault` says why it may not decide
    anything; `decides` whether this school's rules need it to. `shrunk` says how much smaller than the last one a
    whole read was; that is a fault unless a person has accepted it.
    """

    read: DirectoryRead | None = None
    fault: str = ""
    decides: bool = False
    shrunk: str = ""

    @property
    def complete(self) -> bool:
        """Whether absence from the read means anything."""
        return self.read is not None and not self.fault

    @property
    def nesting(self) -> Nesting:
        """Which of the directory's groups lie in which."""
        return self.read.nesting if self.read is not None else NO_NESTING

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What to say of a directory that was not read whole."""
        if not self.fault:
            return ()
        detail = f"directory: {self.fault}"
        return (finding("incomplete-read", detail=detail, suggestion=IF_SMALLER if self.shrunk else _LOOK),)


def look_at_directory(parts: Parts, last_entries: str | None, accepted: Container[str] = ()) -> DirectoryView:
    """Read the directory, if there is one; a fault becomes part of the view, since the rules say what it stops.

    `last_entries` is the size of the last complete read: far fewer now counts as incomplete, unless a person has
    `accepted` that the directory has become smaller.
    """
    if parts.directory is None:
        return DirectoryView()
    decides = parts.directory_rules.policy in ("require", "adopt") or bool(asked_groups(parts.rules))
    try:
        read = parts.directory.read()
    except DirectoryError as error:
        return DirectoryView(fault=error.message, decides=decides)
    last = int(last_entries) if last_entries else None
    told, judged = read.completeness, mistrust(read.completeness, last, parts.limits.max_shrink)
    shrunk = judged.reason if told.complete and not judged.complete else ""
    proof = told if shrunk and "incomplete-directory" in accepted else judged
    doubt = _doubt(read, decides=decides)
    if proof.complete and doubt:
        proof = replace(proof, complete=False, reason=doubt)
    fault = "" if proof.complete else proof.reason or "the read was not complete"
    return DirectoryView(replace(read, completeness=proof), fault, decides, shrunk)


def _doubt(read: DirectoryRead, *, decides: bool) -> str:
    """Why a read that was whole cannot decide anything; empty where it can."""
    if not read.entries:
        return "it gave no entry at all (no right to read, or a wrong base?)"
    if decides and not any(entry.key.strip() for entry in read.entries):
        return "nobody in it carries a SIS code (no right to read that attribute, or another one is the key?)"
    return ""


def asked_groups(rules: RuleSet) -> frozenset[str]:
    """The directory groups that rules ask for, by DN."""
    whens = (*(rule.when for rule in rules.roles.rules), *(when for when, _rules in rules.usernames.overrides))
    return frozenset[str]().union(*map(_asked_groups, whens))


def _asked_groups(when: When) -> frozenset[str]:
    match when:
        case Test(subject="ldap_group", values=values):
            return frozenset(values)
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return frozenset[str]().union(*map(_asked_groups, parts))
        case NotOf(part=part):
            return _asked_groups(part)
    return frozenset()


def required_directory(parts: Parts) -> Directory:
    """The directory, for a command that is nothing without one. Raises ConfigError when none is configured."""
    if parts.directory is None:
        raise ConfigError(
            "connector.toml: [directory] is missing, so there is nothing to align with",
            hint='Add [directory] with url, base and bind_dn; an export will do: url = "ldif:export.ldif"',
        )
    return parts.directory
