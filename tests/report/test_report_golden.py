"""Whole reports against golden files; UPDATE_GOLDEN=1 writes them anew, to be read in the diff."""

import os
from pathlib import Path

import pytest

from connector.report.accounts import account_text, accounts_csv, accounts_json, accounts_text
from connector.report.alignment_csv import alignment_csv
from connector.report.alignment_html import alignment_html
from connector.report.alignment_json import alignment_json
from connector.report.alignment_text import alignment_text
from connector.report.demo import demo_summary
from connector.report.json_text import json_text
from connector.report.plan_csv import plan_csv
from connector.report.plan_html import plan_html
from connector.report.plan_text import plan_text
from connector.report.runs import run_json, run_text, runs_json, runs_text
from tests.report import samples as s

GOLDEN = Path(__file__).parents[1] / "golden" / "report"


def main_part(page: str) -> str:
    """What a page says, without its style and script."""
    return page[page.index("<main") : page.index("<script>")]


def demo() -> str:
    """The demonstration's summary with plain numbers."""
    return demo_summary(
        s.SCHOOL,
        s.AS_OF,
        students=1204,
        counts=s.COUNTS,
        compared=1190,
        matched=1100,
        office=14,
        network=62,
        trackone=1,
        report="demo-school/alignment.html",
        why="trackone -c demo-school/connector.toml why CODE",
    )


REPORTS = {
    "plan.txt": lambda: plan_text(s.PLAN, names=s.NAMES),
    "plan-cut.txt": lambda: plan_text(s.PLAN, most=1),
    "plan-refused.txt": lambda: plan_text(s.REFUSED),
    "plan-undo.txt": lambda: plan_text(s.UNDO, command="trackone runs undo 7 --apply"),
    "plan.csv": lambda: "".join(plan_csv(s.PLAN)),
    "plan.html": lambda: main_part(plan_html(s.PLAN, s.SCHOOL, names=s.NAMES)),
    "plan-refused.html": lambda: main_part(plan_html(s.REFUSED, s.SCHOOL)),
    "alignment.txt": lambda: alignment_text(s.ALIGNMENT, s.SCHOOL, s.AS_OF, names=s.NAMES),
    "alignment.csv": lambda: "".join(alignment_csv(s.ALIGNMENT, names=s.NAMES)),
    "alignment.json": lambda: json_text(alignment_json(s.ALIGNMENT, s.SCHOOL, s.AS_OF)) + "\n",
    "alignment.html": lambda: main_part(
        alignment_html(s.ALIGNMENT, s.SCHOOL, s.AS_OF, names=s.NAMES, campuses=s.CAMPUSES, skips=s.SKIPS)
    ),
    "runs.txt": lambda: runs_text(s.RUNS),
    "runs.json": lambda: json_text(runs_json(s.RUNS)) + "\n",
    "run.txt": lambda: run_text(s.RUNS[2], s.OUTCOMES),
    "run.json": lambda: json_text(run_json(s.RUNS[2], s.OUTCOMES)) + "\n",
    "accounts.txt": lambda: accounts_text(s.ACCOUNTS),
    "account.txt": lambda: account_text(s.ACCOUNTS[0]),
    "accounts.csv": lambda: "".join(accounts_csv(s.ACCOUNTS)),
    "accounts.json": lambda: "".join(accounts_json(s.ACCOUNTS)),
    "demo.txt": demo,
}


@pytest.mark.parametrize("name", REPORTS)
def test_report_equals_its_golden_file(name: str) -> None:
    """A report says exactly what its golden file says."""
    path, said = GOLDEN / name, REPORTS[name]()
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_bytes(said.encode())
    assert path.read_bytes().decode() == said
