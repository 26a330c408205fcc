"""What one pass over everybody has counted and collected."""

from collections import Counter
from dataclasses import dataclass, field

from connector.domain.account import Account
from connector.domain.finding import Finding
from connector.domain.plan import Action, Counts, Skip
from connector.domain.student import Student
from connector.planning.verdict import Verdict


@dataclass(slots=True)
class Tally:
    """The counts, skips and findings so far.

    `created` counts the new accounts, `changes` the changes of those there were.
    `baseline_seen` counts the baseline's codes that this read shows as active or as left; `accounted` the
    claimed, live accounts it shows at all, `newly_claimed` the live ones in scope that it shows for the first
    time. `active_codes` are the code keys shown as active and in scope,
    `duplicates` the places where a code stands twice, `names` the names of those a skip or finding speaks of,
    for showing only.
    """

    skips: list[Skip] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    created: int = 0
    changes: Counter[Action] = field(default_factory=Counter)
    renames: int = 0
    unchanged: int = 0
    rejects: int = 0
    active: int = 0
    baseline_seen: int = 0
    accounted: int = 0
    newly_claimed: int = 0
    active_codes: list[str] = field(default_factory=list)
    active_without_account: list[str] = field(default_factory=list)
    missing_codes: list[str] = field(default_factory=list)
    linked: list[tuple[str, str]] = field(default_factory=list)
    unreadable_code: bool = False
    duplicates: dict[str, list[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def counts(self) -> Counts:
        """The counts of everybody looked at."""
        done = {str(action): number for action, number in self.changes.items()}
        return Counts(create=self.created, **done, unchanged=self.unchanged, skip=len(self.skips))

    @property
    def changed(self) -> int:
        """How many changes there are."""
        return self.created + sum(self.changes.values())

    def add(self, verdict: Verdict, person: Student | Account) -> None:
        """Count a verdict and keep what it says, with the person's name where it says anything."""
        change, skip, findings = verdict
        if findings or skip is not None:
            name = name_of(person)
            self.findings += findings
            self.names.update((found.sis_code or "", name) for found in findings)
        if skip is not None:
            self.names[skip.sis_code] = name
        if change is not None and change.before is None:
            self.created += 1
        elif change is not None:
            self.changes[change.action] += 1
            self.renames += "username" in change.changed
        elif skip is not None:
            self.skips.append(skip)
        else:
            self.unchanged += 1


def name_of(person: Student | Account) -> str:
    """A person's name, for showing."""
    if isinstance(person, Student):
        return f"{person.given} {person.family}".strip()
    return f"{person.given_names} {person.family_name}".strip()
