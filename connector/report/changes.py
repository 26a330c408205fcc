"""What a Change alters, in the words of TrackOne's users table."""

from typing import Any, NamedTuple

from connector.domain.account import Account, export
from connector.domain.plan import WITHOUT_COLUMN, Action, Change
from connector.report.glossary import label, year_label

OTHERS = "SCIM attributes that TrackOne has no column for"

ORDER = (Action.ARCHIVE, Action.REMOVE, Action.RENAME, Action.RESTORE, Action.UPDATE, Action.CREATE)
"""What takes something from somebody comes first."""


class Difference(NamedTuple):
    """One column that changes; `before` and `after` are "none" where the column is empty."""

    label: str
    before: str
    after: str

    def __str__(self) -> str:
        """Label: before → after."""
        return f"{self.label}: {self.before} → {self.after}"


def differences(change: Change) -> list[Difference]:
    """The columns that an update, rename, archive or restore changes; a create or remove has none."""
    if change.before is None or change.after is None:
        return []
    before, after = export(change.before), export(change.after)
    return [Difference(label(key), shown(before[key]), shown(after[key])) for key in change.changed if key in before]


def person(account: Account) -> str:
    """The name of an account's owner as people say it."""
    return " ".join(part for part in (account.given_names, account.family_name) if part)


def outline(account: Account) -> str:
    """What matters of a new account, in one line: year, campus, roles."""
    year = year_label(account.year_level) if account.year_level else ""
    return " · ".join(part for part in (year, account.campus, ", ".join(account.roles)) if part)


def what(change: Change) -> str:
    """What the change alters, or the outline of the account it makes or ends."""
    if change.before is None or change.after is None:
        return outline(change.subject)
    others = (OTHERS,) if WITHOUT_COLUMN in change.changed else ()
    return "; ".join((*map(str, differences(change)), *others))


def why(change: Change) -> str:
    """Why the change is made."""
    return "; ".join(change.reasons)


def shown(value: Any) -> str:
    """A value of an exported account as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key}={item}" for key, item in value.items()) or "none"
    return str(value) if value not in (None, "") else "none"
