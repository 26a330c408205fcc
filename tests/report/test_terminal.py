"""Reports on a terminal, in a pipe, and on streams that cannot carry every letter."""

from dataclasses import replace

import pytest
from rich.cells import cell_len

from connector.domain.account import Account
from connector.domain.finding import finding
from connector.domain.plan import Action, Change, Skip
from connector.report.accounts import account_text, accounts_text
from connector.report.alignment_text import alignment_text
from connector.report.plan_text import plan_text
from connector.report.runs import run_text, runs_text
from connector.report.terminal import Line, Table, Tone, encodable, laid_out
from tests.report import samples as s

HOSTILE = [
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "\u202egnp.exe",
    "\x1b[31mred\x1b[0m",
    "[red]markup[/red]",
    "x" * 10_000,
    "王" * 300,
    "a\nb\rc",
    "ليلى " * 40,
]


def hostile_account(text: str, code: str = "S1") -> Account:
    """An account that holds the text wherever it can."""
    return Account(
        text, code, family_name=text, given_names=text, email=text, roles=(text,), campus=text, year_level="7"
    )


def hostile_texts(text: str) -> list[str]:
    """Every text report with the text wherever a file or a directory could bring it in."""
    account = hostile_account(text)
    changes = (
        Change(Action.CREATE, None, account, (), (text,)),
        Change(Action.UPDATE, account, account._replace(email=text + "b"), ("email",), (text,)),
    )
    found = finding(
        "username-differs", sis_code=text, username=text, login=text, dn=text, detail=text, suggestion=text
    )
    plan = replace(s.PLAN, changes=changes, skips=(Skip(text, "not-active", text, text),), findings=(found,))
    alignment = replace(
        s.ALIGNMENT, findings=(found,), completeness=replace(s.COMPLETENESS, complete=False, reason=text)
    )
    return [
        plan_text(plan, names={text: text}),
        alignment_text(alignment, text, s.AS_OF, names={text: text}),
        accounts_text([account]),
        account_text(account),
        runs_text([replace(s.RUNS[0], actor=text, origin=text)]),
        run_text(replace(s.RUNS[0], actor=text), [replace(s.OUTCOMES[0], change=change) for change in changes]),
    ]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_acts_or_breaks_the_width(text: str) -> None:
    """Whatever a name holds, every line fits 100 columns and nothing in it can act."""
    for report in hostile_texts(text):
        assert max(cell_len(line) for line in report.splitlines()) <= 100
        assert not {"\x1b", "\u202e", "\r"} & set(report)


def test_square_brackets_are_text() -> None:
    """A name in square brackets is no markup."""
    assert "[red]markup[/red]" in accounts_text([hostile_account("[red]markup[/red]")]).replace("\n", "")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_every_report_fits_the_width_asked_for(width: int) -> None:
    """Tables and sentences fold; no line is wider than asked for."""
    reports = [
        plan_text(s.PLAN, width=width),
        plan_text(s.REFUSED, width=width),
        alignment_text(s.ALIGNMENT, s.SCHOOL, s.AS_OF, width=width),
        runs_text(s.RUNS, width=width),
        accounts_text(s.ACCOUNTS, width=width),
    ]
    assert max(cell_len(line) for report in reports for line in report.splitlines()) <= width


def test_what_a_table_leaves_out_is_said_with_the_command_that_shows_it() -> None:
    """A cut table says how many rows are missing and where they are."""
    many = tuple(Change(Action.CREATE, None, hostile_account("a", f"S{n}")) for n in range(1232))
    report = plan_text(replace(s.PLAN, changes=many))
    assert "and 1,212 more: trackone plan --format csv" in report


def test_a_plan_that_no_other_command_shows_is_shown_whole() -> None:
    """A rename plan has no CSV to point to, so every row is there."""
    many = tuple(Change(Action.CREATE, None, hostile_account("a", f"S{n}")) for n in range(50))
    report = plan_text(replace(s.PLAN, changes=many, kind="rename"))
    assert "S49" in report
    assert " more" not in report


def test_colour_only_where_asked_for() -> None:
    """A pipe gets no escape sequence; a terminal gets the same words with colour."""
    parts = [Line("Refused", Tone.BAD), Table("T", ("", "B"), [("!", "b")], tone=Tone.BAD)]
    plain, coloured = laid_out(parts), laid_out(parts, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[31mRefused\x1b[0m" in coloured


def test_a_column_without_words_is_left_out() -> None:
    """A column in which no row says anything takes no room."""
    assert laid_out([Table("T", ("A", "B"), [("1", ""), ("2", "")])]) == "T\nA\n─\n1\n2\n"


def test_a_row_without_words_keeps_its_place() -> None:
    """A finding that names nobody still makes a table of one row."""
    assert laid_out([Table("T", ("A", "B"), [("", "")])]) == "T\nA\n─\n\n"


def test_a_stream_that_cannot_carry_the_marks_gets_ascii_of_the_same_width() -> None:
    """On a Windows code page the marks become ASCII signs, and letters it lacks are escaped, not lost."""
    said = encodable("▲ update: Łukasz → Zoë", "cp1252")
    assert said == "^ update: \\u0141ukasz > Zoë"
    assert encodable("Zoë +31", "cp1252") == "Zoë +31"
    assert encodable("▲ 王", "utf-8") == "▲ 王"
    for report in (plan_text(s.PLAN), alignment_text(s.ALIGNMENT, s.SCHOOL, s.AS_OF)):
        assert encodable(report, "ascii").isascii()


def test_the_next_command_stands_at_the_end() -> None:
    """A plan ends with the command that does it; a refused one names what a person would have to accept."""
    assert plan_text(s.PLAN).endswith("\nApply it: trackone apply plan.json\n")
    assert "If that is right: trackone apply plan.json --accept max-archives" in plan_text(s.REFUSED)
    assert "Apply it" not in plan_text(s.REFUSED)


def test_a_command_is_never_broken() -> None:
    """However long the next command is, it stands on one line and can be copied."""
    command = f"trackone -c {'folder/' * 20}connector.toml apply plan.json"
    assert f"\nApply it: {command}\n" in plan_text(s.PLAN, command=command)
    assert laid_out([Line("a"), Line("\nb " * 80, whole=True)]).splitlines()[1] == ""


def test_a_paragraph_can_hang() -> None:
    """Second and further lines stand further in, so that a mark at the beginning stands alone; nothing is lost."""
    text = "ok  SIS: " + "a few words more " * 12
    said = laid_out([Line(text, hang=4), Line("note: " + "more " * 30, indent=4, hang=2)], width=60)
    lines = said.splitlines()
    assert [line for line in lines if len(line) > 60] == []
    assert lines[0].startswith("ok  SIS: a few words")
    assert all(line.startswith("    ") and line[4] != " " for line in lines[1:4])
    assert "      more" in said
    assert said.split() == [*text.split(), *("note: " + "more " * 30).split()]
