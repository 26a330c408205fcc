"""The Change between two images of an account."""

from connector.domain.account import SYNC, Account, export
from connector.domain.plan import Action, Change


def archive(account: Account, reason: str) -> Change:
    """The archive of an account whose code some SIS row has had."""
    after = account._replace(archived=True, archived_by=SYNC, claimed=True)
    return Change(Action.ARCHIVE, account, after, ("archived",), (reason,))


def difference(account: Account, after: Account, reasons: tuple[str, ...]) -> Change | None:
    """The Change between two images, or None where no exported key differs."""
    if after is account:
        return None
    old, new = export(account), export(after)
    changed = tuple(key for key, value in new.items() if value != old[key])
    if not changed:
        return None
    if account.archived and not after.archived:
        return Change(Action.RESTORE, account, after, changed, ("active again in the SIS", *reasons))
    if "username" in changed:
        return Change(Action.RENAME, account, after, changed, reasons)
    others = tuple(f"{key} differs from the SIS" for key in changed if key not in ("roles", "sis_code"))
    roles = ("roles follow the rules",) if "roles" in changed else ()
    return Change(Action.UPDATE, account, after, changed, (*reasons, *others, *roles))
