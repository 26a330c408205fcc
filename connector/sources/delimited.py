"""Delimited text as it comes: which encoding, which delimiter, the header, and then row by row in a stream."""

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from connector.domain.errors import ConfigError, SourceError
from connector.sources.disguise import HEAD, disguise
from connector.sources.files import SourceFile, readable
from connector.sources.table import Fault

if TYPE_CHECKING:
    from _csv import Reader

MAX_BYTES = 1 << 30
MAX_ROWS = 2_000_000
MAX_CELL = 1 << 16

_TOO_MUCH = "Export the students only."
_BLOCK = 1 << 20
_DELIMITERS = ",\t;|"
_QUOTED = re.compile('"[^"]*"')
_EXCEL = re.compile(r'"?sep=([,;|\t])"?\s*', re.IGNORECASE)  # a first line that only tells Excel the delimiter
_MARK = "\ufeff"  # a second byte-order mark, where exports were put together
_BLANK = " \t\r\n\x1a\ufeff"
_SEPARATORS = "\x1c\x1d\x1e\x1f"
_TO_BLANKS = dict.fromkeys(map(ord, _SEPARATORS), " ")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Survey(NamedTuple):
    """What one pass over a file's bytes tells: how to decode it, and what to look out for."""

    encoding: str
    fell_back: int | None
    ends_in_newline: bool
    has_separators: bool


class _BadByteError(ValueError):
    """A byte that the encoding does not know; `cut` where the file ends inside a character."""

    def __init__(self, offset: int, cut: bool) -> None:
        super().__init__(offset)
        self.offset = offset
        self.cut = cut


def survey(file: SourceFile, fallback: str = "") -> Survey:
    """Find the encoding: a byte-order mark, else strict UTF-8, else `fallback`.

    Raises SourceError for an empty file, one over 1 GiB, one of another kind, a NUL, or bytes that no encoding
    explains (with the offset of the first), and ConfigError for a fallback that is no encoding.
    """
    if file.size > MAX_BYTES:
        raise SourceError(f"{file.name} is larger than 1 GiB", hint=_TOO_MUCH)
    with file.open() as raw, readable(file.name):
        head = raw.read(HEAD)
    if found := disguise(head):
        raise SourceError(f"{file.name} is {found.what}, not delimited text", hint=found.next_step)
    encoding = next((name for bom, name in _BOMS if head.startswith(bom)), "utf-8")
    try:
        return _look_through(file, encoding, None)
    except _BadByteError as error:
        if encoding != "utf-8" or error.cut or not fallback:
            raise SourceError(_not_text(file.name, encoding, error), hint=_hint(encoding, error)) from error
        return _with_fallback(file, fallback, error.offset)


def _with_fallback(file: SourceFile, fallback: str, offset: int) -> Survey:
    if not _is_encoding(fallback):
        raise ConfigError(f'[sis] encoding_fallback: "{fallback}" is no encoding', hint='Write for example "cp1252".')
    try:
        return _look_through(file, fallback, offset)
    except _BadByteError as error:
        raise SourceError(_not_text(file.name, fallback, error), hint="Export as UTF-8.") from error


def _is_encoding(name: str) -> bool:
    try:
        return isinstance(codecs.getincrementaldecoder(name)().decode(b""), str)
    except LookupError:
        return False


def _not_text(name: str, encoding: str, error: _BadByteError) -> str:
    if error.cut:
        return f"{name} ends in the middle of a character, at byte {error.offset}"
    shown = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "utf-16": "UTF-16"}.get(encoding, encoding)
    return f"{name} is not {shown}: byte {error.offset} cannot be read"


def _hint(encoding: str, error: _BadByteError) -> str:
    if error.cut:
        return "The file is cut short: export it again."
    if encoding == "utf-8":
        return 'Export as UTF-8, or set [sis] encoding_fallback = "cp1252" if it is a Windows export.'
    return "Export as UTF-8."


def _look_through(file: SourceFile, encoding: str, fell_back: int | None) -> Survey:
    bare = encoding.removesuffix("-sig")  # the mark stays in the text, so that offsets count from the file's start
    decoder = codecs.getincrementaldecoder(bare)("strict")
    offset, blank, separators, last = 0, True, False, ""
    with file.open() as raw, readable(file.name):
        while block := raw.read(_BLOCK):
            text = _decoded(decoder, block, offset, final=False)
            if "\0" in text:
                raise _nul(file.name, offset + len(text[: text.index("\0")].encode(bare)))
            blank = blank and not text.strip(_BLANK)
            separators = separators or any(sign in text for sign in _SEPARATORS)
            last = text[-1:] or last
            offset += len(block)
    _decoded(decoder, b"", offset, final=True)
    if blank:
        raise SourceError(f"{file.name} is empty", hint="Export it again; the last export may have failed.")
    return Survey(encoding, fell_back, last in "\r\n", separators)


def _decoded(decoder: codecs.IncrementalDecoder, block: bytes, offset: int, *, final: bool) -> str:
    waiting = len(decoder.getstate()[0])
    try:
        return decoder.decode(block, final)
    except UnicodeDecodeError as error:
        raise _BadByteError(offset - waiting + error.start, cut=final) from error


def _nul(name: str, offset: int) -> SourceError:
    return SourceError(
        f"{name} holds a NUL near byte {offset}, so it is no text file",
        hint="The file is damaged, or no text at all: export it again, as CSV in UTF-8.",
    )


@dataclass
class TextTable:
    """A delimited file with its header read. `faults` fills as `records` goes on and is the reader's to empty.

    `truncated` is true once `records` has ended on a row that is short, or in an open quote, without a line end.
    """

    file: SourceFile
    survey: Survey
    delimiter: str
    headers: tuple[str, ...]
    line_breaks: bool = True
    max_rows: int = MAX_ROWS
    faults: deque[Fault] = field(default_factory=deque)
    truncated: bool = False
    _short_line: int = 0

    @property
    def name(self) -> str:
        """The file's name, as messages give it."""
        return self.file.name

    @property
    def remarks(self) -> Sequence[str]:
        """Which encoding was taken, where the file is not UTF-8."""
        if self.survey.fell_back is None:
            return ()
        return (f"{self.name} is read as {self.survey.encoding}: byte {self.survey.fell_back} is not UTF-8",)

    def records(self) -> Iterator[list[str]]:
        """Every row that fits the header, with its line number as one more cell; the others go to `faults`.

        Blank rows are passed over. Raises SourceError where reading cannot go on.
        """
        self.truncated = False
        self.faults.clear()
        with _lines(self.file, self.survey) as lines, readable(self.name):
            reader, _ = _begin(self.name, lines, self.delimiter)
            yield from self._rows(reader)
            if next(reader, None) is not None:
                raise SourceError(f"{self.name} has more than {self.max_rows:,} rows", hint=_TOO_MUCH)

    def _rows(self, reader: "Reader") -> Iterator[list[str]]:
        width = len(self.headers)
        before = reader.line_num
        end = before + self.max_rows
        ended = False
        while not ended:  # the csv reader can go on after a row it refuses, an iterator over it cannot
            try:
                for cells in islice(reader, max(end - before, 0)):
                    line = reader.line_num
                    if len(cells) == width and line - before == 1:
                        before = line
                        cells.append(str(line))
                        yield cells
                    else:
                        fitted = self._fitted(cells, before + 1, line)
                        before = line
                        if fitted:
                            yield fitted
                ended = True
            except csv.Error as error:
                self._refuse(str(error), before + 1, reader.line_num)
                before = reader.line_num
        self.truncated = self._short_line == before and not self.survey.ends_in_newline

    def _fitted(self, cells: list[str], first: int, last: int) -> list[str]:
        """The row as wide as the header, line number added; nothing for a blank row and for one that is a fault."""
        width = len(self.headers)
        if not any(cell.strip(" \x1a") for cell in cells):
            return []
        if len(cells) < width:
            self._short_line = last
            self.faults.append(Fault(first, cells, _misfit(cells, width), shifted=False))
        elif any(cell.strip() for cell in cells[width:]):
            self.faults.append(Fault(first, cells, _misfit(cells, width), shifted=True))
        elif last != first and not self.line_breaks:
            self.faults.append(Fault(first, cells, "has a line break inside a cell", shifted=False))
        else:
            return [*cells[:width], str(first)]
        return []

    def _refuse(self, why: str, first: int, last: int) -> None:
        """Take down a row that the csv reader gave up, or raise SourceError where the rows after it are lost too."""
        if why.startswith("field larger"):
            raise SourceError(
                f"{self.name}:{first}: a cell is longer than 64 KiB", hint="A quote there is probably never closed."
            )
        if not why.startswith("unexpected end"):
            self.faults.append(Fault(first, [], "has a quote inside a quoted cell that is not doubled", shifted=True))
        elif first == last:
            self._short_line = last
            self.faults.append(Fault(first, [], "ends inside quotes", shifted=True))
        else:
            raise SourceError(
                f"{self.name}:{first}: a quote is opened and never closed", hint="Correct that row, or export again."
            )


def _misfit(cells: list[str], width: int) -> str:
    return f"has {len(cells)} cells where the header has {width}"


def open_table(
    file: SourceFile, fallback: str = "", *, line_breaks: bool = True, max_rows: int = MAX_ROWS
) -> TextTable:
    """Look through a file and read its header line; the delimiter is the commonest of comma, tab, `;`, `|` in it.

    Without `line_breaks` a cell that holds one is a fault. Raises SourceError as `survey` does.
    """
    found = survey(file, fallback)
    with _lines(file, found) as lines, readable(file.name):
        first = next(line for line in lines if line.strip())
        told = _EXCEL.fullmatch(first.replace(_MARK, ""))
        delimiter = told[1] if told else _delimiter(first)
    with _lines(file, found) as lines, readable(file.name):
        _, headers = _begin(file.name, lines, delimiter)
    return TextTable(file, found, delimiter, headers, line_breaks, max_rows)


@contextmanager
def _lines(file: SourceFile, found: Survey) -> Iterator[Iterator[str]]:
    """The lines of a file with their ends; the signs that packed rows are parted by are blanks."""
    with file.open() as raw, TextIOWrapper(raw, found.encoding, newline="") as lines:
        yield (line.translate(_TO_BLANKS) for line in lines) if found.has_separators else lines


def _delimiter(header: str) -> str:
    bare = _QUOTED.sub("", header)
    return max(_DELIMITERS, key=bare.count)


def _begin(name: str, lines: Iterable[str], delimiter: str) -> tuple["Reader", tuple[str, ...]]:
    """A csv reader that stands behind the header, and the header less blank headers at its end."""
    csv.field_size_limit(MAX_CELL)  # the limit is the interpreter's, so it is set before each reading
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        rows = (cells for cells in reader if any(cell.strip() for cell in cells))
        cells = next(rows)
        if _EXCEL.fullmatch(delimiter.join(cells).replace(_MARK, "")):
            cells = next(rows, cells)
    except csv.Error as error:
        raise SourceError(f"{name}: the header line cannot be read: {error}", hint="Export it again.") from error
    headers = [" ".join(cell.replace(_MARK, "").split()) for cell in cells]
    while not headers[-1]:
        headers.pop()
    return reader, tuple(headers)
