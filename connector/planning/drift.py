"""What a sync sees of an existing account and leaves as it is, in words."""

from connector.domain.account import Account
from connector.domain.finding import Finding, finding
from connector.domain.plan import Action, Change


def drift(change: Change) -> Finding:
    """What overwrite would do to an existing account, said and not done."""
    account = change.before
    assert account is not None  # noqa: S101 - only changes of existing accounts come here
    if change.action is Action.ARCHIVE:
        what = f"it would be archived ({change.reasons[0]})"
    elif change.action is Action.RESTORE:
        what = "it would be restored (active again in the SIS)"
    elif change.action is Action.RENAME:
        what = f"its username would become {change.username}"
    else:
        what = f"it would change: {', '.join(change.changed)}"
    return finding(
        "drift",
        sis_code=account.sis_code,
        username=account.username,
        detail=what,
        suggestion="Set overwrite = true in [scope] to let a sync change existing accounts.",
    )


def rename_waits(account: Account, base: str, renames: str) -> Finding:
    """A rename that mapping wants and this run may not do."""
    if renames == "propose":
        next_step = f"Rename it when you want to: trackone rename {account.sis_code}"
    else:
        next_step = "A plan that a person applies will rename it: trackone plan, then trackone apply."
    return finding(
        "drift",
        sis_code=account.sis_code,
        username=account.username,
        detail=f"name-changed: mapping now gives {base} instead of {account.username}",
        suggestion=next_step,
    )


def name_is_taken(account: Account, wanted: str, detail: str = "") -> Finding:
    """A rename whose new name somebody else has."""
    return finding(
        "drift",
        sis_code=account.sis_code,
        username=account.username,
        detail=f"username-taken: {wanted} is wanted but {detail or 'held or reserved by another account'}",
        suggestion=f"See who holds it: trackone why {wanted}; or rename by hand: trackone rename {account.sis_code}",
    )


def breaks_login(account: Account, base: str) -> Finding:
    """A rename that would take the student's own network login away."""
    return finding(
        "rename-breaks-login",
        sis_code=account.sis_code,
        username=account.username,
        login=account.username,
        detail=f"Mapping now gives {base}, but {account.username} is the student's own network login",
        suggestion=f"Leave it, or rename both sides: trackone rename {account.sis_code} --anyway",
    )


def held_inactive(account: Account, by: str) -> Finding:
    """An account that is switched off and that a sync did not switch off."""
    code = "held-inactive-by-scim" if by.startswith("scim:") else "held-inactive-by-person"
    state = "archived" if account.archived else "not approved"
    who = by or "somebody before the connector came"
    restore = "restore" if account.archived else "approve"
    return finding(
        code,
        sis_code=account.sis_code,
        username=account.username,
        detail=f"Active in the SIS, but the account was made {state} by {who}; a sync leaves that as it is",
        suggestion=f"If it should be in use: trackone accounts {restore} {account.username}",
    )
