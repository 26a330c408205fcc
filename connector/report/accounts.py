"""Accounts of the user store: complete as JSON and CSV, at a glance as text."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from connector.domain.account import EXPORT_KEYS, Account, export
from connector.report.changes import person, shown
from connector.report.csv_lines import csv_lines
from connector.report.glossary import label, year_label
from connector.report.harmless import data_cell
from connector.report.json_text import json_text
from connector.report.sentences import many, more
from connector.report.terminal import WIDTH, Line, Table, laid_out


def accounts_json(accounts: Iterable[Account]) -> Iterator[str]:
    """The accounts as one JSON array, an account a line, in the order they come; write as UTF-8."""
    yield "[\n"
    last = None
    for account in accounts:
        if last is not None:
            yield f"{last},\n"
        last = json_text(export(account), indent=None)
    yield f"{last}\n]\n" if last is not None else "]\n"


def accounts_csv(accounts: Iterable[Account]) -> Iterator[str]:
    """The accounts as CSV lines under EXPORT_KEYS; roles joined by `;`, external_ids as a JSON object.

    `trackone accounts import` reads back exactly what is in the store.
    """
    return csv_lines(EXPORT_KEYS, (_row(export(account)) for account in accounts), data_cell)


def accounts_text(accounts: Sequence[Account], *, most: int = 100, colour: bool = False, width: int = WIDTH) -> str:
    """The accounts at a glance, one a row."""
    if not accounts:
        return laid_out([Line("No account. See what a sync would make: trackone plan")], colour=colour, width=width)
    rows = [
        (
            one.username,
            one.sis_code,
            person(one),
            one.user_type,
            one.year_level,
            ", ".join(one.roles),
            state(one),
        )
        for one in accounts[:most]
    ]
    left_out = len(accounts) - len(rows)
    headers = ("User Name", "SIS Code", "Name", "Type", "Year", "Roles", "State")
    rest = more(left_out, "trackone accounts export --format csv")
    return laid_out([Table(many(len(accounts), "account"), headers, rows, rest)], colour=colour, width=width)


def account_text(account: Account, *, colour: bool = False, width: int = WIDTH) -> str:
    """Every column of one account, one a row."""
    values = export(account)
    values["year_level"] = year_label(account.year_level)
    rows = [(label(key), shown(values[key])) for key in EXPORT_KEYS]
    return laid_out([Table(account.username, ("Column", "Value"), rows)], colour=colour, width=width)


def state(account: Account) -> str:
    """What keeps an account's owner from signing in, or "live"."""
    if account.archived:
        return f"archived by {account.archived_by}" if account.archived_by else "archived"
    held = ["not approved"] * (not account.approved) + ["locked out"] * account.locked_out
    return ", ".join(held) or "live"


def _row(values: dict[str, Any]) -> list[str]:
    return [_cell(values[key]) for key in EXPORT_KEYS]


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    return "" if value is None else str(value)
