"""Lines and tables laid out for a terminal or a pipe: at most `width` columns, and nothing cut without a word."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from io import StringIO
from typing import NamedTuple

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from connector.report.harmless import harmless, shortened

WIDTH = 100
LONGEST = 240
"""Characters of one cell that a terminal shows; a longer one says how much is left out."""


ASCII = str.maketrans("▲→↻□×·■◆●…–—─━│‘’“”", "^>~-x.#*o.----|''\"\"")
"""Each mark of the reports as one ASCII sign, so that columns stay in line."""


class Tone(StrEnum):
    """What a line or cell is, for the eye; its words say the same."""

    PLAIN = ""
    STRONG = "bold"
    OK = "green"
    WARN = "yellow"
    BAD = "red"
    MUTED = "bright_black"


class Line(NamedTuple):
    """One paragraph, `indent` columns in; a line end before it is a gap. A `whole` one is never broken: a command.

    Its second and further lines stand `hang` columns further in.
    """

    text: str
    tone: Tone = Tone.PLAIN
    indent: int = 0
    whole: bool = False
    hang: int = 0


class Table(NamedTuple):
    """A table with its heading and a note below it; `more` says what it leaves out and how to see it.

    A column in which no row says anything is left out; those named in `right` hold numbers.
    """

    title: str
    headers: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    more: str = ""
    tone: Tone = Tone.PLAIN
    note: str = ""
    right: frozenset[str] = frozenset()


def laid_out(parts: Iterable[Line | Table], *, colour: bool = False, width: int = WIDTH) -> str:
    """The parts one below the other, ending in a line end; colour as ANSI sequences where asked for."""
    out = StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
    )
    for part in parts:
        _print(console, part)
    return "".join(line.rstrip() + "\n" for line in out.getvalue().lstrip("\n").splitlines())


def encodable(text: str, encoding: str) -> str:
    """The text as a stream of that encoding can carry it.

    Marks become ASCII signs of the same width when one of them cannot be written; other letters that cannot
    become `\\u0141`, so that nothing is lost and no write fails.
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text


def _print(console: Console, part: Line | Table) -> None:
    if isinstance(part, Line):
        text = part.text.removeprefix("\n")
        if part.whole:
            gap = "\n" if text != part.text else ""
            console.print(gap, _text(text, part.tone), sep="", soft_wrap=True)
            return
        _print_paragraph(console, part, _text(text, part.tone), gap=text != part.text)
        return
    console.print()
    console.print(_text(part.title, Tone.STRONG))
    if part.note:
        console.print(_text(part.note))
    console.print(_table(part))
    if part.more:
        console.print(_text(part.more, Tone.MUTED))


def _print_paragraph(console: Console, part: Line, text: Text, *, gap: bool) -> None:
    lines = text.wrap(console, console.width - part.indent - part.hang) if part.hang else [text]
    for number, line in enumerate(lines):
        indent = part.indent + (part.hang if number else 0)
        console.print(Padding(line, (int(gap and number == 0), 0, 0, indent)))


def _table(part: Table) -> RichTable:
    table = RichTable(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0), show_edge=False, header_style="")
    kept = [at for at in range(len(part.headers)) if any(row[at] for row in part.rows)] or [0]
    for at in kept:
        header = part.headers[at]
        table.add_column(
            _text(header, Tone.MUTED), overflow="fold", justify="right" if header in part.right else "left"
        )
    for row in part.rows:
        texts = [shortened(row[at], LONGEST) for at in kept]
        table.add_row(_text(texts[0], part.tone), *map(_text, texts[1:]))
    return table


def _text(text: str, tone: Tone = Tone.PLAIN) -> Text:
    return Text(harmless(text), style=str(tone), overflow="fold")
