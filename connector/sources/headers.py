"""Which column of a file is which field: headers compared exactly, then loosely, never guessed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import takewhile

from connector.domain.errors import ConfigError
from connector.sources.text import UNIT

_FILLERS = re.compile(r"[\s_-]+")
_SHOWN = 40
_MISSPELT = 0.85
"""How alike a header must be to a missing optional one to be taken for a slip of it, not for another column."""

FORBIDDEN = "password"
"""The column that is never read, whatever the configuration says."""


@dataclass(frozen=True, slots=True)
class Matched:
    """Where each field stands: `positions` by field, `absent` the optional fields the file lacks.

    A field with several columns (`classes`, `flags`) has all of them; every other field has one.
    """

    positions: Mapping[str, tuple[int, ...]]
    absent: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Search:
    """The search for fields among the headers of one file."""

    name: str
    headers: Sequence[str]
    positions: dict[str, tuple[int, ...]] = field(default_factory=dict)
    missing: list[tuple[str, str]] = field(default_factory=list)
    absent: dict[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def find(self, wanted: str, names: Iterable[str]) -> int | None:
        """The position of the first name that is there: spelt exactly, else loosely."""
        for name in names:
            if (exact := [i for i, header in enumerate(self.headers) if header == name]) != []:
                return self._single(wanted, exact)
        for name in names:
            if (alike := [i for i, header in enumerate(self.headers) if loose(header) == loose(name)]) != []:
                position = self._single(wanted, alike)
                self.warnings.append(f'{self.name}: "{self.headers[position]}" is read as "{name}" ({wanted})')
                return position
        return None

    def _single(self, wanted: str, found: list[int]) -> int:
        if len(found) > 1:
            shown = " and ".join(f'"{self.headers[i]}"' for i in found)
            raise ConfigError(
                f"{self.name} has {len(found)} columns for {wanted}: {shown}",
                hint=f"Rename one in the export, or name the right one under [sis.columns]: {wanted} = ...",
            )
        if loose(self.headers[found[0]]) == FORBIDDEN:
            raise ConfigError(
                f"{wanted} is mapped to the column of passwords, which is never read",
                hint=f"Name another column for {wanted} under [sis.columns].",
            )
        return found[0]

    def near(self, names: Iterable[str], cutoff: float) -> list[str]:
        """The headers no field has taken that look like one of the names."""
        taken = {position for positions in self.positions.values() for position in positions}
        free = {loose(header): header for i, header in enumerate(self.headers) if i not in taken}
        close = [hit for name in names for hit in get_close_matches(loose(name), free, n=2, cutoff=cutoff)]
        return [free[hit] for hit in dict.fromkeys(close)]


def loose(header: str) -> str:
    """The header without letter case, blanks, `_` and `-`."""
    return _FILLERS.sub("", header.casefold())


def match(
    name: str,
    headers: Sequence[str],
    required: Mapping[str, tuple[str, ...]],
    optional: Mapping[str, tuple[str, ...]],
    *,
    every: frozenset[str] = frozenset(),
    strict: bool = True,
    settable: bool = True,
) -> Matched:
    """Find the columns of the file `name`; of a field in `every` all headers are taken, not only the first.

    Headers behind one that is UNIT are those of other files, and not listed in messages. `settable`: the columns
    can be named under [sis.columns].

    Raises ConfigError for a required field without a column, for two columns that fit one field, and (`strict`)
    for an optional field whose header looks misspelt; without `strict` that is a warning.
    """
    search = _Search(name, headers)
    for wanted, names in required.items():
        _take(search, wanted, names, every=wanted in every, needed=True)
    for wanted, names in optional.items():
        _take(search, wanted, names, every=wanted in every, needed=False)
    if search.missing:
        raise _missing(search, settable=settable)
    for wanted, names in search.absent.items():
        _suspect(search, wanted, names, strict=strict)
    return Matched(search.positions, tuple(search.absent), tuple(search.warnings))


def _take(search: _Search, wanted: str, names: tuple[str, ...], *, every: bool, needed: bool) -> None:
    groups = [(name,) for name in names] if every else [names]
    found = [(group, search.find(wanted, group)) for group in groups]
    there = tuple(dict.fromkeys(position for _, position in found if position is not None))
    if there:
        search.positions[wanted] = there
    if needed:
        search.missing.extend((wanted, group[0]) for group, position in found if position is None)
    elif not there:
        search.absent[wanted] = names


def _missing(search: _Search, *, settable: bool) -> ConfigError:
    parts, guessed = [], False
    for wanted, header in search.missing:
        near = search.near([header], 0.6)
        guessed |= bool(near)
        guess = "; did you mean " + " or ".join(f'"{hit}"' for hit in near) + "?" if near else ""
        parts.append(f'"{header}" ({wanted}{guess})')
    own = list(takewhile(lambda header: header != UNIT, search.headers))
    if not search.positions and not guessed:  # it may be the first row of data: nobody's name goes into a log
        return ConfigError(
            f"{search.name} has no column {', '.join(parts)}; nothing in its first line is like one",
            hint="Is that line a header? If so, name its columns under [sis.columns]; else export with a header.",
        )
    columns = ", ".join(own[:_SHOWN]) + (", ..." if len(own) > _SHOWN else "")
    step = (
        "Name the right one under [sis.columns] in connector.toml."
        if settable
        else "The preset or the standard gives it this name: correct the header, or export the file again."
    )
    return ConfigError(f"{search.name} has no column {', '.join(parts)}", hint=f"{step} It has: {columns}")


def _suspect(search: _Search, wanted: str, names: tuple[str, ...], *, strict: bool) -> None:
    near = search.near(names, _MISSPELT)
    if not near:
        return
    if strict:
        raise ConfigError(
            f'{search.name} has no column "{names[0]}" ({wanted}), but "{near[0]}", which looks like it',
            hint=f'Under [sis.columns] write {wanted} = "{near[0]}", or {wanted} = "" if it is something else.',
        )
    search.warnings.append(f'{search.name}: "{near[0]}" is not read; "{names[0]}" ({wanted}) may be meant')
