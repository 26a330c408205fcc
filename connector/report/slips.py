"""Slips with one-time passwords, as a PDF to print: one a page, or eight to a page to cut apart, class by class."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple
from unicodedata import combining

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos

from connector.report.harmless import harmless
from connector.report.sentences import day
from connector.report.typeface import SHIPPED_MONO, Face, Typefaces, shipped

PER_PAGE = (1, 8)
_MARGIN = 12.0
_PAPER = (210.0, 297.0)  # A4, in millimetres, as everything here
_INK, _MUTED, _LINE = (20, 32, 46), (82, 96, 109), (160, 170, 180)
_SMALLEST = 6.0
_POINT = 25.4 / 72


class Slip(NamedTuple):
    """One person's slip; `group` is the class it is handed out in."""

    name: str
    username: str
    password: str
    group: str


class Frame(NamedTuple):
    """Where one slip stands on its page, in millimetres, and how large its text is compared with eight to a page."""

    x: float
    y: float
    width: float
    height: float
    scale: float


class Texts(NamedTuple):
    """What stands on every slip."""

    school: str
    address: str
    until: date


def slips_pdf(slips: Sequence[Slip], texts: Texts, faces: Typefaces, *, per_page: int, made: datetime) -> bytes:
    """The slips in their order, each group on pages of its own; `per_page` is one of PER_PAGE.

    Names may be in any script; text runs in its own direction (Unicode Standard Annex 9) and is shaped.
    """
    sheet = _Sheet(faces, texts, made)
    frames = _frames(per_page)
    for group, members in groupby(slips, key=lambda slip: slip.group):
        of_group = list(members)
        for start in range(0, len(of_group), per_page):
            page = of_group[start : start + per_page]
            sheet.add_page()
            for frame, slip in zip(frames, page, strict=False):
                sheet.draw(slip, frame)
            if per_page > 1:
                sheet.cut_lines(frames[: len(page)])
                sheet.footer_text(f"{group}, page {start // per_page + 1} of {-(-len(of_group) // per_page)}")
    return sheet.data()


def _frames(per_page: int) -> list[Frame]:
    width, height = _PAPER
    if per_page == 1:
        return [Frame(25, 40, width - 50, 110, 1.5)]
    half, quarter = width / 2, (height - _MARGIN) / 4
    return [Frame(half * (at % 2), quarter * (at // 2), half, quarter, 1.0) for at in range(per_page)]


class _Sheet:
    """The document being drawn."""

    def __init__(self, faces: Typefaces, texts: Texts, made: datetime) -> None:
        self._faces = faces
        self._texts = texts
        self._pdf = FPDF(format="A4")
        self._names: dict[Face, str] = {}
        self._broken: dict[tuple[str, float, float], list[str]] = {}
        self._pdf.set_creation_date(made)
        self._pdf.set_title("One-time passwords")
        self._pdf.set_auto_page_break(False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.add_font("mono", "", shipped(SHIPPED_MONO))

    def add_page(self) -> None:
        self._pdf.add_page()

    def data(self) -> bytes:
        return bytes(self._pdf.output())

    def draw(self, slip: Slip, frame: Frame) -> None:
        """One slip, from its top down."""
        scale, width = frame.scale, frame.width - 2 * _MARGIN
        x, y = frame.x + _MARGIN, frame.y + 8 * scale
        texts = self._texts
        y += self._line(x, y, width * 0.66, texts.school or "TrackOne", 8 * scale, _MUTED)
        self._line(x + width * 0.66, frame.y + 8 * scale, width * 0.34, slip.group, 8 * scale, _MUTED, align="R")
        y += self._line(x, y + 1.5 * scale, width, slip.name, 14 * scale) + 4 * scale
        for label, value in (("Username", slip.username), ("One-time password", slip.password)):
            y += self._line(x, y, width, label, 7.5 * scale, _MUTED)
            y += self._line(x, y, width, value, 15 * scale, mono=True) + 1.5 * scale
        where = f"Sign in at {texts.address}. " if texts.address else ""
        said = (
            f"{where}You then choose a password of your own. Type the one-time password as it stands, with its "
            f"hyphens; it works once, until {day(texts.until)}. Show it to nobody."
        )
        self._paragraph(x, y + 0.5 * scale, width, said, 7.5 * scale)

    def cut_lines(self, frames: Iterable[Frame]) -> None:
        """Dashes to cut along."""
        pdf = self._pdf
        pdf.set_draw_color(*_LINE)
        pdf.set_line_width(0.15)
        pdf.set_dash_pattern(dash=1.5, gap=1.5)
        for frame in frames:
            bottom, right = frame.y + frame.height, frame.x + frame.width
            pdf.line(frame.x, bottom, right, bottom)
            pdf.line(frame.x, frame.y, frame.x, bottom) if frame.x else None
        pdf.set_dash_pattern()

    def footer_text(self, text: str) -> None:
        """Which class and page it is."""
        self._line(_MARGIN, _PAPER[1] - 9, _PAPER[0] - 2 * _MARGIN, text, 7, _MUTED)

    def _line(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        size: float,
        colour: tuple[int, int, int] = _INK,
        *,
        mono: bool = False,
        align: str = "L",
    ) -> float:
        """One line of text made small enough to fit, at worst cut with an ellipsis; gives its height."""
        text = harmless(text)
        self._choose(text, mono=mono)
        pdf, height = self._pdf, size * _POINT * 1.35
        pdf.set_font_size(size)
        wide = pdf.get_string_width(text)
        if wide > width:
            pdf.set_font_size(max(_SMALLEST, size * width / wide * 0.98))
        while len(text) > 1 and pdf.get_string_width(text) > width:
            text = f"{text[:-2].rstrip()}…"
        pdf.set_text_color(*colour)
        pdf.set_xy(x, y)
        pdf.cell(width, height, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        return height

    def _paragraph(self, x: float, y: float, width: float, text: str, size: float) -> None:
        """Text in as many lines as it needs; broken once, since it is the same on every slip."""
        key = (text, width, size)
        if key not in self._broken:
            self._choose(text)
            self._pdf.set_font_size(size)
            lines = self._pdf.multi_cell(width, text=harmless(text), dry_run=True, output=MethodReturnValue.LINES)
            assert isinstance(lines, list)  # noqa: S101 - what was asked for
            self._broken[key] = lines
        for line in self._broken[key]:
            y += self._line(x, y, width, line, size, _MUTED)

    def _choose(self, text: str, *, mono: bool = False) -> None:
        """Set the font that shows the text, several together where no one font does; shape it if its script asks."""
        self._pdf.set_text_shaping(not _simple(text))
        if mono and text.isascii():
            self._pdf.set_fallback_fonts([])
            self._pdf.set_font("mono")
            return
        first, *others = (self._name(face) for face in self._faces.for_text(text))
        self._pdf.set_font(first)
        self._pdf.set_fallback_fonts(others)

    def _name(self, face: Face) -> str:
        if face not in self._names:
            self._names[face] = f"face{len(self._names)}"
            self._pdf.add_font(self._names[face], "", face.path, collection_font_number=face.number)
        return self._names[face]


def _simple(text: str) -> bool:
    """Whether each sign is set as it is, left to right: below Hebrew, and no mark that sits on another sign."""
    return all(sign < "\u0590" for sign in text) and not any(map(combining, text))
