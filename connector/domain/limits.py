"""The limits a run is held to; values of connector.toml that the deciding core needs."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """The guard's limits, in per cent of the population each is measured in (rules.md 18)."""

    max_archives: float = 10.0
    max_renames: float = 5.0
    max_shrink: float = 10.0
    max_rejects: float = 2.0
    min_population: int = 20
    plan_expires: timedelta = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class DirectoryRules:
    """What the deciding core needs to know of the directory: `policy` is none, report, require or adopt.

    `year_ou` is a pattern with {year} or {cohort}, `leavers_ou` a DN or its first part; `expires_soon`, `stale` and
    `rollover_grace` (about New Year) are spans of time. `upn_suffixes` are those a UPN may have, empty for those the
    directory itself allows.
    """

    policy: str = "none"
    type: str = "auto"
    year_ou: str = ""
    leavers_ou: str = ""
    expires_soon: timedelta = timedelta(days=14)
    stale: timedelta = timedelta(days=90)
    rollover_grace: timedelta = timedelta(days=28)
    upn_suffixes: tuple[str, ...] = ()
