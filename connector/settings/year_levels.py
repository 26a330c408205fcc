"""Year levels as rules write them: one, a range, or a list of both."""

from collections.abc import Iterable

from connector.domain.ruleset import YEAR_ORDER
from connector.settings.faults import shown, wrong

_PREP = {"P", "PREP", "F", "FOUNDATION", "R", "RECEPTION"}
_KINDERGARTEN = {"K", "KINDERGARTEN"}


def read_years(value: object, state: str, path: tuple[str | int, ...] = ()) -> tuple[str, ...]:
    """The canonical year levels of "7", 7, "7-12", "P-6" or a list of such, in their order.

    A bare K is the year before Year 1 in NSW and the ACT, the year before that elsewhere. `path` leads to the
    value, for the validation error.
    """
    parts = value if isinstance(value, list | tuple) else [value]
    try:
        found = {year for part in parts for year in _expanded(part, state)}
    except ValueError as error:
        raise wrong(str(error), *path) from None
    if not found:
        raise wrong('expected at least one year level, e.g. ["7-12"]', *path)
    return tuple(year for year in (*YEAR_ORDER, "UG") if year in found)


def _expanded(part: object, state: str) -> Iterable[str]:
    if isinstance(part, bool) or not isinstance(part, str | int):
        raise ValueError(f'expected a year level or range in quotes such as "7" or "P-6", not {shown(part)}')
    first, dash, last = str(part).partition("-")
    start = _token(first, part, state)
    if not dash:
        return [start]
    end = _token(last, part, state)
    if "UG" in (start, end) or YEAR_ORDER.index(start) > YEAR_ORDER.index(end):
        raise ValueError(f"{shown(part)} is no range of year levels; the order is {', '.join(YEAR_ORDER)}")
    return YEAR_ORDER[YEAR_ORDER.index(start) : YEAR_ORDER.index(end) + 1]


def _token(word: str, part: object, state: str) -> str:
    name = word.strip().upper().removeprefix("YEAR ").lstrip("0")
    if name in _PREP:
        return "P"
    if name in _KINDERGARTEN:
        return "P" if state in ("NSW", "ACT") else "K"
    if name in (*YEAR_ORDER, "UG"):
        return name
    raise ValueError(f"{shown(part)} is no year level; known are {', '.join(YEAR_ORDER)}, UG and ranges such as 7-12")
