"""Whether a lock still holds: servers leave the moment of locking on the account long after it has passed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from connector.directory.attributes import Attributes
from connector.directory.person import ACTIVE_DIRECTORY, LOCKED_FOR_GOOD
from connector.mapping.dn import Dn, is_under

FOREVER = timedelta(days=36500)


class Lock(NamedTuple):
    """An account was locked at a moment; `policy` is the DN of the password policy it is under, where told."""

    since: datetime
    policy: str
    unless_known: bool
    """Whether the lock counts where no policy says how long it lasts."""


def lock_of(found: Attributes, kind: str) -> Lock | None:
    """The lock whose age decides, or None: never locked, locked for good, or judged by the server itself.

    Active Directory judges in msDS-User-Account-Control-Computed; without that and without the domain's
    lockoutDuration a lockoutTime may be years old, so it does not count. A pwdAccountLockedTime without a
    known pwdLockoutDuration lasts until somebody resets it (draft-behera-ldap-password-policy, 5.2.12).
    """
    if kind == ACTIVE_DIRECTORY:
        if "msds-user-account-control-computed" in found:
            return None
        since = found.filetime("lockouttime")
        return Lock(since, "", unless_known=False) if since else None
    if found.text("pwdaccountlockedtime") in ("", LOCKED_FOR_GOOD):
        return None
    since = found.time("pwdaccountlockedtime")
    return Lock(since, found.text("pwdpolicysubentry"), unless_known=True) if since else None


def lock_duration(found: Attributes) -> timedelta | None:
    """How long a lock lasts under the policy that this entry (a domain, a pwdPolicy) states; None: it states none."""
    ticks = found.integer("lockoutduration")
    if ticks is not None:
        return _span(-ticks // 10**7)
    seconds = found.integer("pwdlockoutduration")
    if seconds is not None:
        return _span(seconds)
    return FOREVER if any(name.lower() == "pwdpolicy" for name in found.texts("objectclass")) else None


def still_locked(lock: Lock, dn: Dn, policy: Dn, durations: Mapping[Dn, timedelta], now: datetime) -> bool:
    """Whether the lock of the entry `dn` holds at `now`, given what each policy entry states.

    The policy is the one named, else the nearest above the entry, else the only one there is.
    """
    above = [base for base in durations if is_under(dn, base)]
    if policy in durations:
        duration = durations[policy]
    elif above or len(durations) == 1:
        duration = durations[max(above, key=len) if above else next(iter(durations))]
    else:
        return lock.unless_known
    return duration == FOREVER or now - lock.since < duration  # a sum may lie beyond the last of all days


def _span(seconds: int) -> timedelta:
    """A duration; none at all, or one of lifetimes, means until somebody unlocks the account."""
    return timedelta(seconds=seconds) if 0 < seconds < FOREVER.total_seconds() else FOREVER
