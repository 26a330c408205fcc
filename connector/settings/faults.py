"""What is wrong with a configuration, one line a fault: file, line, key, what was expected, the next step."""

import json
from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple, Never

from connector.domain.errors import ConfigError

MOST_SHOWN = 20
_LARGE = 10**18


class Fault(NamedTuple):
    """One thing wrong: `line` counts from 1, 0 where unknown; `where` is the section and key, or empty."""

    file: str
    line: int
    where: str
    message: str

    def __str__(self) -> str:
        """The fault as one line; signs that would not show, or would turn the line, are spelt out."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        line = ": ".join(part for part in (place, self.where, self.message) if part)
        return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in line)


class WrongValueError(ValueError):
    """A value that a key does not take; `path` leads from the validated value to the key at fault."""

    def __init__(self, message: str, path: tuple[str | int, ...]) -> None:
        """Keep what is wrong apart from where."""
        super().__init__(message)
        self.path = path


def wrong(message: str, *path: str | int) -> WrongValueError:
    """The error a validator raises; `path` leads from the validated value to the key at fault."""
    return WrongValueError(message, path)


def refuse(faults: Iterable[Fault]) -> Never:
    """Raise ConfigError with a line for each fault, files in the order given and lines in order within each."""
    distinct = list(dict.fromkeys(faults))
    files = list(dict.fromkeys(fault.file for fault in distinct))
    ordered = sorted(distinct, key=lambda fault: (files.index(fault.file), fault.line))
    lines = [str(fault) for fault in ordered[:MOST_SHOWN]]
    if len(ordered) > MOST_SHOWN:
        lines.append(f"... and {len(ordered) - MOST_SHOWN} more")
    raise ConfigError("\n".join(lines))


def nearest(word: str, known: Iterable[str], likeness: float = 0.6) -> str:
    """The known word most like the given one whatever the letter case, or nothing."""
    spelt = {name.lower(): name for name in known}
    return next((spelt[name] for name in get_close_matches(word.lower(), list(spelt), 1, likeness)), "")


def shown(value: object) -> str:
    """A value as TOML shows it, cut short; a table only by its kind."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        text = f"[{', '.join(map(shown, value))}]"
    elif isinstance(value, str | bool):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = "a very large number" if isinstance(value, int) and abs(value) > _LARGE else str(value)
    return text if len(text) <= 42 else f"{text[:40]}..."
