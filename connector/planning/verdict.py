"""What is decided of one person, and what a run may do at all."""

from dataclasses import dataclass
from typing import NamedTuple

from connector.domain.finding import Finding
from connector.domain.plan import Change, Skip
from connector.domain.ruleset import RuleSet


class Verdict(NamedTuple):
    """What was decided of one person: a change, a skip, findings, or nothing at all to do (`settled`)."""

    change: Change | None = None
    skip: Skip | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def settled(self) -> bool:
        """Nothing to do and nothing to say."""
        return self.change is None and self.skip is None and not self.findings


SETTLED = Verdict()


@dataclass(frozen=True, slots=True)
class Powers:
    """What this run may do beyond creating.

    `rename` allows renames of existing accounts; `dodge` lets a rename take a counter when the wanted name is
    held (only a person's own `trackone rename` does); `anyway` renames even away from the network login.
    `attended` says that a person reads the plan before it is applied.
    """

    rename: bool = False
    dodge: bool = False
    anyway: bool = False
    attended: bool = True


def powers_of_a_sync(rules: RuleSet, *, attended: bool) -> Powers:
    """The powers a sync has under these rules: renames only with overwrite, and only as `renames` allows."""
    renames = rules.scope.renames == "apply" or (attended and rules.scope.renames == "reviewed")
    return Powers(rename=rules.scope.overwrite and renames, attended=attended)
