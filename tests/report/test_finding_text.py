"""Findings on a terminal: a flood of one kind stays readable."""

from connector.domain.finding import Finding, finding
from connector.report.finding_text import finding_parts
from connector.report.terminal import Line, Table, laid_out


def drifts(count: int, *, other: str = "") -> list[Finding]:
    """So many accounts that differ in the year level; the last asks for something else where `other` says what."""
    step = "Set overwrite = true."
    made = [
        finding("drift", sis_code=f"S{n}", username=f"u{n}", detail="it would change: year_level", suggestion=step)
        for n in range(count)
    ]
    return [*made[:-1], made[-1]._replace(suggestion=other)] if other else made


def said(findings: list[Finding]) -> str:
    """The findings as text."""
    parts: list[Line | Table] = [*finding_parts(findings, most=5, all_of_them="trackone plan --format csv")]
    return laid_out(parts, colour=False, width=120)


def test_what_everybody_is_asked_is_said_once() -> None:
    """A step that is the same for all stands above the table, and a count says what is found most often."""
    text = said(drifts(60))
    assert text.count("Set overwrite = true.") == 1
    assert "What to do" not in text
    assert "Most often: it would change: year_level (60)." in " ".join(text.split())
    assert "and 55 more: trackone plan --format csv" in text


def test_different_steps_stand_in_their_rows() -> None:
    """As soon as one asks for something else, each row has its own; a short table needs no summary."""
    text = said(drifts(3, other="Rename by hand."))
    assert text.count("Set overwrite = true.") == 2
    assert "Rename by hand." in text
    assert "Most often" not in text
