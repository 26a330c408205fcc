"""The whole path on the invented school: import, plan, apply, plan again, align; all find exactly what is seeded."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.bootstrap import build
from connector.demo.school import School, build_school
from connector.demo.truth import Seeded
from connector.domain.finding import Finding
from connector.services.account_file import read_accounts
from connector.services.accounts import import_plan
from connector.services.align import align_directory
from connector.services.apply import apply_plan
from connector.services.decision import Request
from connector.services.parts import Parts
from connector.services.plan import make_plan
from connector.settings.load import load_settings


def _quiet(phase: str, done: int, total: int | None) -> None:
    """Nobody watches."""


def _parts(school: School) -> Parts:
    clock = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)  # long after the day of the demo, which must not matter
    parts = build(load_settings(school.config, {}), {}, lambda: clock)
    rows = read_accounts(school.accounts.read_text("utf-8-sig"), school.accounts.name)
    apply_plan(parts, import_plan(parts, rows), "test", "test", command="accounts import", progress=_quiet)
    return parts


def _seeded(finding: Finding) -> Seeded:
    subject = finding.login if finding.code == "orphan-in-directory" else finding.sis_code
    return Seeded(finding.code, subject or "")


@pytest.mark.parametrize(("students", "seed"), [(50, 2026), (50, 7), (400, 2026)])
def test_finds_exactly_what_is_seeded(tmp_path: Path, students: int, seed: int) -> None:
    """Changes, skips and findings are the seeded ones, each once; applied, nothing is left to do."""
    school = build_school(tmp_path, students=students, seed=seed)
    parts, request = _parts(school), Request(school.as_of, attended=True)

    plan = make_plan(parts, request, _quiet)
    assert Counter(Seeded(str(one.action), one.sis_code) for one in plan.changes) == Counter(school.changes)
    assert Counter(Seeded(one.reason, one.sis_code) for one in plan.skips) == Counter(school.skips)
    assert plan.refused == ()

    apply_plan(parts, plan, "test", "test", progress=_quiet)
    assert make_plan(parts, request, _quiet).changes == ()

    alignment = align_directory(parts, request, _quiet).alignment
    assert Counter(map(_seeded, alignment.findings)) == Counter(school.truth)
    assert (alignment.students, alignment.matched) == (students, school.matched)
