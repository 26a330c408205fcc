"""Text from outside that must not act on a terminal, in a spreadsheet or on a page."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from connector.report.csv_lines import csv_lines
from connector.report.harmless import cell, harmless, shortened, uncell
from connector.report.json_text import json_text

NAUGHTY = (Path(__file__).parents[1] / "data" / "naughty-strings" / "blns.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Amelia Smith", "Amelia Smith"),
        ("Łukasz حداد 王 José", "Łukasz حداد 王 José"),
        ("a\x1b[31mred", "a\\x1b[31mred"),
        ("a\u202etxt.exe", "a\\u202etxt.exe"),
        ("a\u2066b\u2069", "a\\u2066b\\u2069"),
        ("two\r\nlines\tand more", "two lines and more"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\ufeffBOM", "\\ufeffBOM"),
        ("half \ud800", "half \\ud800"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("نام\u200cها", "نام\u200cها"),
        ("\x9b31m", "\\x9b31m"),
    ],
)
def test_unsafe_signs_are_shown_not_obeyed(text: str, expected: str) -> None:
    """Controls, overrides and invisible signs become visible; real letters of any script stay."""
    assert expected == harmless(text)


def test_naughty_strings_come_out_on_one_line_and_encodable() -> None:
    """Whatever a file holds comes out as one line that UTF-8 can carry and that cannot act."""
    for text in NAUGHTY:
        said = harmless(text)
        assert said.encode().decode() == said
        assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 or "\u202a" <= sign <= "\u202e" for sign in said)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+61 400", "'+61 400"),
        ("-1", "'-1"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "' =1"),
        ("\r=1", "' =1"),
        ("a;=1", "a;'=1"),
        ("＝1", "'＝1"),
        ("'=1", "''=1"),
        ("O'Brien", "O'Brien"),
        ("'t Hooft", "'t Hooft"),
        ("a=b", "a=b"),
    ],
)
def test_no_cell_is_a_formula(text: str, expected: str) -> None:
    """A cell that a spreadsheet would take for a formula gets an apostrophe; other cells stay."""
    assert expected == cell(text)


@pytest.mark.parametrize("text", ["=1", "'=1", "''+1", "a;-b", "'t Hooft", "O'Brien;=x", "plain", ""])
def test_uncell_gives_back_what_cell_was_given(text: str) -> None:
    """What was exported is read back unchanged."""
    assert text == uncell(cell(text))


def test_csv_reads_back_row_by_row() -> None:
    """The CSV is RFC 4180: quotes, commas and names of any script come back as they were."""
    rows = [["Zoë, 'Z'", 'say "hi"', ""], ["=1", "حداد", "a;b"]]
    text = "".join(csv_lines(["one", "two", "three"], rows))
    assert text.startswith("\ufeffone,two,three\r\n")
    read = list(csv.reader(StringIO(text.removeprefix("\ufeff"))))
    assert [[uncell(part) for part in row] for row in read[1:]] == rows


def test_shortened_says_how_much_is_left_out() -> None:
    """A long text is cut to the length asked for, and names the number of characters left out."""
    said = shortened("x" * 10_000, 240)
    assert len(said) <= 240
    assert said.endswith("… (+9,772)")
    assert shortened("x" * 240, 240) == "x" * 240


def test_json_is_exact_and_cannot_act() -> None:
    """JSON holds each value exactly, yet no control or bidi sign stands in its text."""
    value = {"name": "a\u202eb\x1b\x9b\u2028\ud800", "plain": "Zoë 王"}
    text = json_text(value)
    assert json.loads(text) == value
    assert "Zoë 王" in text
    assert text.encode()
    assert not {"\u202e", "\x1b", "\x9b", "\u2028"} & set(text)
    assert json_text(value, ascii_only=True).isascii()
