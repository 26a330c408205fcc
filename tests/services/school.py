"""A small school on disk for tests: an export, a configuration, a store, and the services on them."""

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from connector.bootstrap import build
from connector.domain.account import export
from connector.domain.plan import Action, Change, Counts, Plan
from connector.planning.plan_file import fingerprinted
from connector.services.apply import apply_plan
from connector.services.decision import Request
from connector.services.plan import make_plan
from connector.services.sync import sync
from connector.services.undo import undo_plan
from connector.settings.load import load_settings

COLUMNS = (
    "sis_code", "given_names", "family_name", "middle_name", "preferred_name", "year_level", "campus", "status",
    "email", "network_login", "entry_date", "exit_date",
)  # fmt: skip
AS_OF = date(2026, 3, 2)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

CONFIG = """
[school]
name = "Test College"
[sis]
reader = "csv"
path = "students.csv"
[sis.columns]
{columns}
[mapping]
file = "students.toml"
{more}
"""


def silent(phase, done, total):
    """Progress that nobody sees."""


class School:
    """One school; `row` makes a student's row, `export` writes them, the rest are the services."""

    def __init__(self, folder: Path, mapping: str = "", more: str = "") -> None:
        """Lay the school down in `folder`; `mapping` is the text of its mapping file."""
        self.folder = folder
        self.now = NOON
        columns = "\n".join(f'{name} = "{name}"' for name in COLUMNS)
        (folder / "connector.toml").write_text(CONFIG.format(columns=columns, more=more), encoding="utf-8")
        self.rules(mapping)
        self.parts = None

    def rules(self, mapping: str) -> None:
        """Write the mapping file."""
        text = mapping or '[usernames]\nmethod = "initial_surname"\n[passwords]\nmethod = "none"\n'
        (self.folder / "students.toml").write_text(text, encoding="utf-8")
        self.parts = None

    def write(self, rows: Iterable[Mapping[str, str]]) -> None:
        """Write the export."""
        with (self.folder / "students.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, restval="")
            writer.writeheader()
            writer.writerows(rows)

    def built(self):
        """The school's parts, with a clock of ours."""
        if self.parts is None:
            settings = load_settings(self.folder / "connector.toml", {})
            self.parts = build(settings, {}, lambda: self.now)
        return self.parts

    def plan(self, *, as_of: date = AS_OF, accept: tuple[str, ...] = (), attended: bool = True) -> Plan:
        """The plan of now; a second passes, since two plans of one moment would be one."""
        self.pass_time(seconds=1)
        return make_plan(self.built(), Request(as_of, attended, accept), silent)

    def apply(self, plan: Plan, **how):
        """Apply a plan."""
        return apply_plan(self.built(), plan, "test", "tester", progress=silent, **how)

    def sync(self, *, as_of: date = AS_OF, accept: tuple[str, ...] = ()):
        """Plan and apply in one go, unattended."""
        return sync(self.built(), Request(as_of, False, accept), "test", "tester", silent)  # noqa: FBT003 - attended

    def undo(self, number: int):
        """Undo a run at once."""
        return self.apply(undo_plan(self.built(), number), command="undo")

    def accounts(self) -> dict[str, dict]:
        """The export, by SIS code where there is one, else by username."""
        with self.built().store.view() as accounts:
            return {one.sis_code or one.username: export(one) for one in accounts.accounts()}

    def usernames(self) -> dict[str, str]:
        """Who has which username."""
        return {code: account["username"] for code, account in self.accounts().items()}

    def pass_time(self, **span: int) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


def row(code: str, given: str, family: str, **more: str) -> dict[str, str]:
    """One student's row; year 7 and active unless said otherwise."""
    return {
        "sis_code": code,
        "given_names": given,
        "family_name": family,
        "year_level": "7",
        "status": "active",
        **more,
    }


def chain(school: School, *usernames: str) -> Plan:
    """A plan in which each of these usernames goes to the holder of the one before it; the last must be free."""
    with school.built().store.view() as accounts:
        holders = [accounts.find(name)[0] for name in usernames[:-1]]
    moves = [
        Change(Action.RENAME, one, one._replace(username=name), ("username",), ("a test",))
        for one, name in zip(holders, usernames[1:], strict=True)
    ]
    return fingerprinted(Plan(school.now, tuple(moves), counts=Counts(rename=len(moves)), kind="rename"))


def by_action(plan: Plan) -> dict[str, list[str]]:
    """The SIS codes of a plan's changes, by action."""
    found: dict[str, list[str]] = {}
    for change in plan.changes:
        found.setdefault(str(change.action), []).append(change.sis_code)
    return found


def codes(plan: Plan) -> list[tuple[str, str]]:
    """Finding codes with the SIS code they are about."""
    return [(one.code, one.sis_code) for one in plan.findings]


def skipped(plan: Plan) -> dict[str, str]:
    """The reason of every skip, by SIS code."""
    return {one.sis_code: one.reason for one in plan.skips}


OVERWRITE = '[scope]\noverwrite = true\n[usernames]\nmethod = "initial_surname"\n[passwords]\nmethod = "none"\n'
