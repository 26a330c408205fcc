"""CSV and JSON of accounts, plans and alignments, and what the office gets."""

import csv
import json
from dataclasses import replace
from io import StringIO

from connector.domain.account import EXPORT_KEYS, Account
from connector.domain.finding import finding
from connector.domain.plan import Skip
from connector.report.accounts import accounts_csv, accounts_json, state
from connector.report.alignment_csv import alignment_csv
from connector.report.alignment_json import alignment_json
from connector.report.findings import attention, grouped, ordered
from connector.report.glossary import Who
from connector.report.office import corrections
from connector.report.plan_csv import plan_csv
from connector.report.runs import marks
from connector.report.sentences import counted
from tests.report import samples as s
from tests.report.test_terminal import HOSTILE

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def rows(lines: list[str]) -> list[dict[str, str]]:
    """The CSV as rows by their header."""
    return list(csv.DictReader(StringIO("".join(lines).removeprefix("\ufeff"))))


def test_every_account_is_one_csv_row_under_the_export_keys() -> None:
    """The export is complete: each key a column, roles joined, external ids kept."""
    first = rows(list(accounts_csv(s.ACCOUNTS)))[0]
    assert tuple(first) == EXPORT_KEYS
    assert (first["username"], first["approved"], first["roles"]) == ("asmith", "true", "Student Security")
    assert json.loads(first["external_ids"]) == {"entra": "8b1f"}


def test_accounts_json_is_an_array_whatever_its_length() -> None:
    """None, one and many accounts make sound JSON, each chunk ending its line."""
    for accounts in ([], s.ACCOUNTS[:1], s.ACCOUNTS):
        chunks = list(accounts_json(accounts))
        assert [one["username"] for one in json.loads("".join(chunks))] == [one.username for one in accounts]
        assert all(chunk.endswith("\n") for chunk in chunks)


def test_an_account_says_why_its_owner_cannot_sign_in() -> None:
    """The state names what holds an account; a live one has nothing that does."""
    assert [state(one) for one in s.ACCOUNTS] == ["live", "archived by sync", "not approved, locked out"]


def test_no_cell_of_any_csv_begins_like_a_formula() -> None:
    """Whatever a name, code or login holds, no spreadsheet takes a cell for a formula."""
    for text in [*HOSTILE, "+1", "-1", "@x", "\t=1"]:
        found = finding("username-differs", sis_code=text, username=text, login=text, dn=text, detail=text)
        account = Account(text, text, family_name=text, given_names=text, email=text)
        texts = [
            "".join(accounts_csv([account])),
            "".join(alignment_csv(replace(s.ALIGNMENT, findings=(found,)), names={text: text})),
            "".join(plan_csv(replace(s.PLAN, findings=(found,), skips=(Skip(text, "not-active", text, text),)))),
        ]
        for said in texts:
            cells = [cell for row in csv.reader(StringIO(said.removeprefix("\ufeff"))) for cell in row]
            assert not [cell for cell in cells if cell.startswith(FORMULA)]


def test_plan_csv_holds_everything_the_plan_says() -> None:
    """Guard, changes, skips and findings are all there, so a cut table can point to it."""
    kinds = [row["kind"] for row in rows(list(plan_csv(s.PLAN)))]
    expected = [
        ("guard", s.PLAN.guard),
        ("change", s.PLAN.changes),
        ("skip", s.PLAN.skips),
        ("finding", s.PLAN.findings),
    ]
    assert kinds == [kind for kind, facts in expected for _ in facts]


def test_alignment_json_has_the_keys_programs_read() -> None:
    """Summary, completeness and findings stand under fixed names; what does not apply is null."""
    said = json.loads(json.dumps(alignment_json(s.ALIGNMENT, s.SCHOOL, s.AS_OF)))
    assert list(said) == ["summary", "completeness", "findings", "trend"]
    assert {"students", "directory_entries", "matched", "match_rate", "by_code"} <= set(said["summary"])
    assert said["summary"]["match_rate"] == 1161 / 1204
    keys = ["code", "severity", "sis_code", "username", "login", "dn", "detail", "suggestion"]
    assert all(list(found)[:8] == keys for found in said["findings"])
    assert said["findings"][0]["dn"] is None
    assert said["findings"][-1]["confidence"] == 0.6


def test_findings_are_worked_through_gravest_first() -> None:
    """Errors come before warnings before infos, equal codes together, codes as people count."""
    found = [
        finding("drift", sis_code="S1"),
        finding("disabled", sis_code="S10"),
        finding("missing-in-directory", sis_code="S3"),
        finding("disabled", sis_code="S9"),
        finding("login-belongs-to-another", sis_code="S4"),
    ]
    assert [one.sis_code for one in ordered(found)] == ["S4", "S3", "S9", "S10", "S1"]
    assert [(one.code, len(one.findings)) for one in grouped(found)][2] == ("disabled", 2)


def test_findings_and_skips_are_counted_for_those_who_act() -> None:
    """What nobody has to act on is counted for nobody."""
    assert attention(s.FINDINGS, s.SKIPS) == {Who.OFFICE: 3, Who.NETWORK: 4, Who.TRACKONE: 2}


def test_the_office_is_told_each_thing_once() -> None:
    """A rejected row that is both a finding and a skip is one correction; others' matters are left out."""
    detail = "users.csv:2: no family name"
    found = [finding("rejected-row", sis_code="S2", detail=detail), finding("disabled", sis_code="S2")]
    told = corrections(found, [Skip("S2", "rejected-row", detail)], names={"S2": "Amelia Smith"})
    assert [(one.sis_code, one.student, one.evidence) for one in told] == [("S2", "Amelia Smith", detail)]


def test_counts_of_a_run_as_marks() -> None:
    """A run's counts are told by marks; a run that changed nothing says so, and foreign keys do no harm."""
    assert marks({"create": 1200, "archive": 1, "unchanged": 5}) == "+1,200 □1"
    assert marks({}) == "none"
    assert counted({"create": 2, "new-kind": 3}).create == 2
