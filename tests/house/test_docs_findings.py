"""docs/findings.md names every code the product can say, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.domain.finding import ERRORS, WARNINGS, severity_of
from connector.domain.plan import SKIP_REASONS
from connector.report.glossary import FINDINGS, SKIPS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")

# The codes programs may rely on; "matched" is counted and never listed.
PROMISED = """
case-differs fold-differs whitespace-differs username-differs login-belongs-to-another matched-by-name-only
no-username missing-in-directory deleted-in-directory
disabled locked expired expires-soon password-expired password-not-required stale-login
wrong-year-ou leavers-ou-but-active mail-differs upn-differs key-missing
duplicate-key-in-directory duplicate-key-in-sis duplicate-username login-too-long login-has-forbidden-characters
proposed-username-collides orphan-in-directory left-but-enabled incomplete-read suspicious-shrink
rejected-row duplicate-email drift
"""

WHO = {"school office": "office", "network administrator": "network", "TrackOne administrator": "TrackOne", "": "-"}
"""How the page names whoever reports name."""

# A skip of undo plans only, where it says the same as the finding of that name.
UNDO_SKIPS = {"touched-since"}


def rows(columns: int) -> list[list[str]]:
    """The cells of the page's tables that have so many columns and begin with a code."""
    lines = [line for line in PAGE.splitlines() if re.match(r"\| `[a-z-]+` \|", line)]
    found = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [cells for cells in found if len(cells) == columns]


def code_of(cells: list[str]) -> str:
    """The code a row is about."""
    return cells[0].strip("`")


SKIP_ROWS = {code_of(cells): cells for cells in rows(4)}
FINDING_ROWS = {code_of(cells): cells for cells in rows(5)}


def calls(name: str) -> Iterator[ast.Call]:
    """Every call of a function or class of this name in the product."""
    for path in sorted((ROOT / "connector").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield node


def literals(name: str, place: int) -> set[str]:
    """The text constants that calls of this name give as their argument at this place."""
    arguments = [call.args[place] for call in calls(name) if len(call.args) > place]
    return {one.value for one in arguments if isinstance(one, ast.Constant) and isinstance(one.value, str)}


SAID = literals("finding", 0) | literals("_found", 0) | ERRORS | WARNINGS | set(FINDINGS) | set(PROMISED.split())
SKIPPED = literals("Skip", 1) | literals("Refusal", 0) | literals("NameFault", 0) | set(SKIPS) | set(SKIP_REASONS)


def test_the_search_for_codes_finds_those_of_each_kind() -> None:
    """The codes are read from the calls that make findings and skips, wherever they are written."""
    assert {"missing-from-sis", "touched-since", "wrong-year-ou", "duplicate-email"} <= SAID
    assert {"username-taken", "empty-username", "non-latin-name", "not-active"} <= SKIPPED


def test_every_finding_code_stands_in_the_page_and_no_other() -> None:
    """A finding that can be said is explained, and one that is explained can be said."""
    assert sorted(FINDING_ROWS) == sorted(SAID)


def test_every_skip_reason_stands_in_the_page_and_no_other() -> None:
    """A skip that can be said is explained, in the order in which the first reason counts."""
    assert tuple(SKIP_ROWS) == SKIP_REASONS
    assert set(SKIP_REASONS) == SKIPPED - UNDO_SKIPS


def test_no_code_is_explained_twice() -> None:
    """Each code has one row a kind, so that nothing contradicts itself."""
    assert len(rows(4)) == len(SKIP_ROWS)
    assert len(rows(5)) == len(FINDING_ROWS)


@pytest.mark.parametrize("code", sorted(FINDING_ROWS))
def test_a_finding_has_the_severity_the_product_gives_it(code: str) -> None:
    """The page's severity is the one reports show."""
    assert severity_of(code).value == FINDING_ROWS[code][1]


@pytest.mark.parametrize("code", sorted(FINDINGS))
def test_a_finding_is_put_right_by_whom_reports_name(code: str) -> None:
    """The page's last but one column is the report's "who can put it right"."""
    assert WHO[FINDINGS[code].who.value] == FINDING_ROWS[code][3]


@pytest.mark.parametrize("code", sorted(SKIPS))
def test_a_skip_is_put_right_by_whom_reports_name(code: str) -> None:
    """The same for skips."""
    assert WHO[SKIPS[code].who.value] == SKIP_ROWS[code][2]
