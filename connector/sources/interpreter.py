"""From a packed row to a Student: the one place where cells get their meaning."""

import hashlib
import html
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter

from connector.domain.student import NOTHING, Reject, Status, Student
from connector.settings.values import SchoolSettings, SisSettings
from connector.sources.dates import UnreadableDateError, date_reader
from connector.sources.memo import Memo
from connector.sources.notes import Notes
from connector.sources.status import decide, status_words, yes_no
from connector.sources.text import PART, UNIT, clean, domain_of, email_of, is_clean, split_list
from connector.sources.year_level import cohort_of, year_level_of

SINGLE = (
    "sis_code",
    "given_names",
    "family_name",
    "middle_name",
    "preferred_name",
    "preferred_family_name",
    "status",
    "enabled",
    "year_level",
    "campus",
    "email",
    "network_login",
    "homegroup",
    "house",
    "entry_date",
    "exit_date",
)
"""The fields that have one column."""

COMMON = ("status", "enabled", "year_level", "campus", "homegroup", "house", "entry_date", "exit_date")
"""The fields that many students have alike, so that each combination is read once."""

OWN = tuple(name for name in SINGLE if name not in COMMON)
"""The fields that tell one student from another."""

PACKED = (*OWN, *COMMON)
"""The fields that have one column, in the order in which a row is packed."""

Pick = Callable[[Sequence[str]], tuple[str, ...]]
Noted = tuple[str, str]
"""A remark on a row, and the word it is about."""

Common = tuple[Status, str, str, int | None, tuple[str, ...], str, str, date | None, date | None, tuple[Noted, ...]]
"""status, year level and its word, cohort, campuses, homegroup, house, the two dates, and what is to be noted."""

SEVERAL = ("classes", "flags")
"""The fields that may have several columns."""

REJECTED = "!"
"""What the line number of a packed row begins with when the row itself could not be kept."""

_UNKNOWN_STATUS = 'status "{word}" ({rows}) is in no list of [sis.status]: unknown, which archives nobody'
_UNKNOWN_YEAR = 'year level "{word}" ({rows}) is none the connector knows: left empty'
_UNKNOWN_ENABLED = 'the yes/no word "{word}" of the enabled column ({rows}) is not known: status unknown'
_ENTITIES = "names hold HTML such as &#039; or &amp; ({rows}): set [sis] html_unescape = true"
_ROUNDED = "student codes like 1.23E+05 ({rows}): a spreadsheet has rewritten them; export straight from the SIS"
_ENTITY = re.compile(r"&(#\d{1,6}|#x[0-9a-f]{1,5}|[a-z]{2,8});", re.IGNORECASE)
_EXPONENT = re.compile(r"\d(\.\d+)?E\+\d+")
_NO_EMAIL = "an e-mail that is no address ({rows}): left empty"


@dataclass(frozen=True, slots=True)
class Layout:
    """What the cells of a packed row are: the line, then the fields, then classes, flags and further columns.

    `singles` are the fields of PACKED that have a column, `sis_code` first; the others name their headers.
    """

    singles: tuple[str, ...]
    classes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()

    def own(self) -> int:
        """How many cells stand before the common ones: the line and the fields of OWN."""
        return 1 + sum(name in OWN for name in self.singles)

    def several(self) -> tuple[int, int, int]:
        """How many cells are classes, flags and further columns."""
        return len(self.classes), len(self.flags), len(self.extras)


class Interpreter:
    """Makes Students of packed rows; `place` is the file's name, `as_of` the day the read speaks of."""

    def __init__(self, layout: Layout, sis: SisSettings, school: SchoolSettings, place: str, as_of: date) -> None:
        at = {field: number for number, field in enumerate(layout.singles, 1)}
        self._before = layout.own()
        self._others = len(layout.singles) + 1 - self._before
        several = layout.several()
        self._behind = sum(several)
        self._more = bool(self._others or self._behind)
        # Where a field has no column the blank cell behind the others stands for it.
        self._own: Pick = itemgetter(0, *(at.get(field, -1) for field in OWN))
        self._common: Pick = itemgetter(*(at.get(field, self._before - 1) - self._before for field in COMMON))
        self._shared = Memo(self._read_common)
        self._has_one_more = several == (1, 0, 0)
        self._layout = layout
        self._place = place
        self._as_of = as_of
        self._html = sis.html_unescape
        self._words = Memo(_word_reader(sis.status))
        self._enabled = Memo(yes_no)
        self._dates = Memo(date_reader(sis.date_formats, sis.null_dates))
        self._formats = ", ".join(sis.date_formats)
        self._years: Memo[str, str] = Memo(lambda text: year_level_of(text, school.state))
        year = school.school_year or as_of.year
        self._cohorts: Memo[str, int | None] = Memo(lambda token: cohort_of(token, year))
        self._campuses = Memo(split_list)
        self._domain = Memo(domain_of).__getitem__
        self._tags: Memo[str, frozenset[str]] = Memo(lambda text: frozenset(split_list(text)))
        self.notes = Notes()
        facts = (layout, sorted(sis.status.items()), sis.date_formats, sis.null_dates, self._html, school.state, year)
        self.context = hashlib.sha256(repr(facts).encode()).hexdigest()

    def seen_of_enabled(self) -> Collection[str]:
        """The different words met so far in the column of `enabled`."""
        return tuple(self._enabled)

    def code(self, row: str) -> str:
        """The code of a packed row, cleaned."""
        code = row.split(UNIT, 2)[1]
        if self._html and "&" in code:
            code = html.unescape(code)
        return code if code.isascii() and code.isalnum() else clean(code)

    def student(self, row: str) -> Student | Reject:
        """The Student of a packed row, or why it cannot be one."""
        if row[0] == REJECTED:
            return self._reject(row)
        if self._html and "&" in row:
            row = html.unescape(row)
        cells = row.split(UNIT, self._before)
        rest = cells.pop() if self._more else ""
        if not is_clean("".join(cells), row):
            cells = [_first(clean(cell)) for cell in cells]
        cells.append("")
        line, code, given, family, middle, preferred, preferred_family, email, login = self._own(cells)
        place = f"{self._place}:{line}"
        if not code:
            return Reject(place, "has no student code; give it one in the SIS and export again")
        classes, flags, columns = _NO_OTHERS
        if self._behind:
            rest, classes, flags, columns = self._parted(rest)
        try:
            status, year, year_text, cohort, campuses, homegroup, house, entry, exit_, noted = self._shared[rest]
        except UnreadableDateError as error:
            return Reject(place, self._no_date(str(error)), code)
        if not given and not family and status is not Status.LEFT:
            return Reject(place, "has neither a given name nor a family name; complete it in the SIS", code)
        for note, word in noted:
            self.notes.add(note, word, place)
        if "&" in row or "E+" in code:
            self._note_spoilt(place, code, f"{given} {family} {preferred} {preferred_family}")
        if email:
            email = email_of(email, self._domain)
            if not email:
                self.notes.add(_NO_EMAIL, "", place)
        return tuple.__new__(
            Student,
            (
                code, given, family, middle, preferred, preferred_family, status, year, year_text, cohort,
                campuses, homegroup, house, flags, classes, email, login, entry, exit_, columns, place,
            ),
        )  # fmt: skip

    def _note_spoilt(self, place: str, code: str, names: str) -> None:
        """Note what a web page did to names, and a spreadsheet to a code."""
        if _ENTITY.search(names):
            self.notes.add(_ENTITIES, "", place)
        if _EXPONENT.fullmatch(code):
            self.notes.add(_ROUNDED, "", place)

    def _reject(self, row: str) -> Reject:
        line, _, detail = row.split(UNIT)
        return Reject(f"{self._place}:{line.removeprefix(REJECTED)}", detail, self.code(row) or None)

    def _read_common(self, text: str) -> Common:
        """What the cells of COMMON say, not cleaned yet. Raises UnreadableDateError."""
        cells = self._common([*map(clean, text.split(UNIT)), ""])
        campus = cells[COMMON.index("campus")]
        word, enabled_text, year_text, _, homegroup, house, entry_text, exit_text = map(_first, cells)
        entry, exit_ = self._dates[entry_text], self._dates[exit_text]
        noted: list[Noted] = []
        known, enabled = self._words[word], self._enabled[enabled_text]
        if known is Status.UNKNOWN:
            noted.append((_UNKNOWN_STATUS, word))
        elif known is None and enabled is None and enabled_text:
            known = Status.UNKNOWN
            noted.append((_UNKNOWN_ENABLED, enabled_text))
        status = decide(known, entry, exit_, enabled, self._as_of)
        year = self._years[year_text]
        if year_text and not year:
            noted.append((_UNKNOWN_YEAR, year_text))
        campuses, cohort = self._campuses[campus], self._cohorts[year]
        return status, year, year_text, cohort, campuses, homegroup, house, entry, exit_, tuple(noted)

    def _parted(self, rest: str) -> tuple[str, frozenset[str], frozenset[str], Mapping[str, str]]:
        """The common cells in one piece, the classes, the flags, and the further columns by name."""
        common, *cells = rest.rsplit(UNIT, self._behind) if self._others else ("", *rest.split(UNIT))
        parts = rest.replace(PART, UNIT)
        if not is_clean(parts.replace(UNIT, ""), parts):
            cells = list(map(clean, cells))
        if self._has_one_more:
            return common, self._tags[cells[0]], _NONE, NOTHING
        layout = self._layout
        classes, flags, _ = layout.several()
        found = _NONE.union(*[self._tags[cell] for cell in cells[:classes]])
        raised = _NONE.union(*[self._flags(header, cells[classes + i]) for i, header in enumerate(layout.flags)])
        return common, found, raised, dict(zip(layout.extras, cells[classes + flags :], strict=True))

    def _flags(self, header: str, text: str) -> frozenset[str]:
        answer = yes_no(text)
        if answer is None:
            return self._tags[text]
        return frozenset({header}) if answer else _NONE

    def _no_date(self, text: str) -> str:
        return f'the date "{text}" fits none of date_formats ({self._formats}); name its format under [sis]'


_NONE: frozenset[str] = frozenset()
_NO_OTHERS = (_NONE, _NONE, NOTHING)


def _first(text: str) -> str:
    """The first of the values that a join gave to one cell."""
    return text.split(PART, 1)[0]


def _word_reader(words: Mapping[str, tuple[str, ...]]) -> Callable[[str], Status | None]:
    known = status_words(words)

    def read(text: str) -> Status | None:
        word = " ".join(text.casefold().split())
        return known.get(word, Status.UNKNOWN) if word else known.get("")

    return read
