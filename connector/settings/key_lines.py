"""Finds the line on which each key of a TOML file stands, which the standard library's parser does not tell."""

import re
import tomllib
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]
"""Keys from the top of a file to a value; a number counts the tables of an array from 0."""

_KEY = re.compile(r"""[ \t]*("(?:\\.|[^"\\\n])*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*(\.?)""")
_TOKEN = re.compile(
    r'''
    """(?:\\.|"{1,2}(?!")|[^\\"])*"{3,5}
    | \'\'\'(?:'{1,2}(?!')|[^'])*'{3,5}
    | "(?:\\.|[^"\\\n])*"
    | '[^'\n]*'
    | \#[^\n]*
    | [^\[\]{}"'\#\n]+
    | .
    ''',
    re.VERBOSE | re.DOTALL,
)


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line, from 1, of every table and key written as a statement of valid TOML.

    Keys inside inline tables and arrays are not listed: they stand on, or just after, their statement's line.
    """
    lines: dict[KeyPath, int] = {}
    latest: dict[KeyPath, int] = {}
    table: KeyPath = ()
    position = 0
    while (position := _statement(text, position)) < len(text):
        line = text.count("\n", 0, position) + 1
        brackets = 2 if text.startswith("[[", position) else int(text[position] == "[")
        names, position = _dotted(text, position + brackets)
        if brackets:
            table = _header(names, latest, is_array=brackets > 1)
            _note(lines, table, len(table) - 1, line)
            position = _line_end(text, position)
        else:
            _note(lines, table + names, len(table), line)
            position = _value_end(text, position)
    return lines


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """The line of the path or of the nearest thing around it; 0 where there is none."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 0


def _note(lines: dict[KeyPath, int], path: KeyPath, above: int, line: int) -> None:
    for length in range(above + 1, len(path) + 1):
        lines.setdefault(path[:length], line)


def _statement(text: str, position: int) -> int:
    """The start of the next statement: blanks and comments are passed over."""
    while position < len(text):
        if text[position] == "#":
            position = _line_end(text, position)
        elif text[position].isspace():
            position += 1
        else:
            break
    return position


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _dotted(text: str, position: int) -> tuple[KeyPath, int]:
    names: list[str] = []
    while match := _KEY.match(text, position):
        written, position = match[1], match.end()
        names.append(tomllib.loads(f"k = {written}")["k"] if written[0] in "\"'" else written)
        if not match[2]:
            break
    return tuple(names), position


def _header(names: KeyPath, latest: dict[KeyPath, int], *, is_array: bool) -> KeyPath:
    """The path of a table, with the number of each array's table it stands in."""
    path: KeyPath = ()
    for name in names[:-1] if is_array else names:
        path += (name,)
        if path in latest:
            path += (latest[path],)
    if is_array:
        path += (names[-1],)
        latest[path] = latest.get(path, -1) + 1
        path += (latest[path],)
    return path


def _value_end(text: str, position: int) -> int:
    """The end of the line on which the value ends that follows a key."""
    depth = 0
    while match := _TOKEN.match(text, position):
        piece, position = match[0], match.end()
        depth += (piece in ("[", "{")) - (piece in ("]", "}"))
        if piece == "\n" and depth == 0:
            break
    return position
