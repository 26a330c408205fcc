"""Changes keys in the text of a mapping file; comments, layout and everything else stay."""

import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import tomlkit
from tomlkit.exceptions import TOMLKitError

from connector.domain.errors import ConfigError
from connector.settings.key_lines import KeyPath, key_lines

Keys = Mapping[str, Any]
"""Keys to values as TOML has them: text, numbers, truth values, lists and tables; None takes a key out."""


class Edit(NamedTuple):
    """What is to be said: keys by section, and [[usernames.rule]] tables to add."""

    sections: Mapping[str, Keys]
    username_rules: Sequence[Keys] = ()


def edited(text: str, edit: Edit) -> str:
    """The text of a mapping file with the edit made. Raises ConfigError when anything else would change with it."""
    lines_end = "\r\n" if "\r\n" in text else "\n"
    try:
        return _edited(text.replace("\r\n", "\n"), edit).replace("\n", lines_end)
    except (tomllib.TOMLDecodeError, TOMLKitError, _UnsafeError):
        raise ConfigError(
            "the mapping file is written in a way that cannot be changed safely; it is as it was",
            hint="Write the keys by hand.",
        ) from None


class _UnsafeError(Exception):
    """Something else would change."""


def _edited(text: str, edit: Edit) -> str:
    before = tomllib.loads(text)
    if not all(isinstance(before.get(section, {}), dict) for section in edit.sections):
        raise _UnsafeError
    for section, keys in edit.sections.items():
        text = _with_keys(text, section, keys)
    text = _with_rules(text, edit.username_rules)
    if tomllib.loads(text) != _wanted(before, edit):
        raise _UnsafeError
    return text


def _wanted(data: dict[str, Any], edit: Edit) -> dict[str, Any]:
    """The parsed file with the edit made."""
    wanted = deepcopy(data)
    for section, keys in edit.sections.items():
        table = wanted.setdefault(section, {})
        table.update({key: _listed(value) for key, value in keys.items()})
        for key in [key for key, value in keys.items() if value is None]:
            del table[key]
    if edit.username_rules:
        rules = wanted.setdefault("usernames", {}).setdefault("rule", [])
        rules.extend({key: _listed(value) for key, value in rule.items()} for rule in edit.username_rules)
    return wanted


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _with_keys(text: str, section: str, keys: Keys) -> str:
    """The text with the section's keys set; a new one stands where it is switched off, else behind the last."""
    anchor = ""
    for key, value in keys.items():
        if value is not None:
            text = _with_room(text, section, key, anchor)
            anchor = key
    document = tomlkit.parse(text)
    table: Any = document[section]
    for key, value in keys.items():
        if value is None:
            table.pop(key, None)
        elif table[key] != _listed(value):
            table[key] = _listed(value)
    return tomlkit.dumps(document)


def _with_room(text: str, section: str, key: str, anchor: str) -> str:
    """The text with some line for the key in its section, whatever it says."""
    places = key_lines(text)
    if (section, key) in places:
        return text
    lines = text.split("\n")
    header = _header(lines, places, section)
    if header is None:
        return text if (section,) in places and (section, "rule") not in places else _with_section(text, section, key)
    off = next((at for at in range(header + 1, _own_end(lines, places, header)) if _is_off(lines[at], key)), None)
    if off is not None:
        lines[off] = lines[off].lstrip("# ")
    else:
        at = places[section, anchor] - 1 if (section, anchor) in places else header
        lines.insert(_statement_end(lines, at) + 1, f'{key} = ""')
    return "\n".join(lines)


def _with_section(text: str, section: str, key: str) -> str:
    gap = "" if not text.strip() else "\n" if text.endswith("\n") else "\n\n"
    return f'{text}{gap}[{section}]\n{key} = ""\n'


def _header(lines: Sequence[str], places: Mapping[KeyPath, int], section: str) -> int | None:
    """The line, from 0, of `[section]`."""
    at = places.get((section,), 0) - 1
    found = (number for number in {at, *(line - 1 for line in places.values())} if number >= 0)
    return next((number for number in sorted(found) if lines[number].split("#")[0].strip() == f"[{section}]"), None)


def _own_end(lines: Sequence[str], places: Mapping[KeyPath, int], header: int) -> int:
    """Where the section ends: at the next header, also one that is switched off."""
    real = (line - 1 for line in places.values() if line - 1 > header and lines[line - 1].lstrip().startswith("["))
    off = (at for at in range(header + 1, len(lines)) if lines[at].startswith("#["))
    return min([*real, *off, len(lines)])


def _is_off(line: str, key: str) -> bool:
    """Whether the line is `#key = value`, which loads once the sign is taken away."""
    if not line.startswith("#") or line.removeprefix("#").split("=")[0].rstrip() != key:
        return False
    try:
        return key in tomllib.loads(line.removeprefix("#"))
    except tomllib.TOMLDecodeError:
        return False


def _statement_end(lines: Sequence[str], start: int) -> int:
    """The last line of the statement that begins on a line: where what was read so far is whole."""
    for end in range(start, len(lines)):
        try:
            tomllib.loads("\n".join(lines[start : end + 1]))
        except tomllib.TOMLDecodeError:
            continue
        return end
    return start


def _with_rules(text: str, rules: Sequence[Keys]) -> str:
    """The text with the rules behind [usernames] and all that belongs to it."""
    if not rules:
        return text
    lines = text.rstrip("\n").split("\n")
    places = key_lines(text)
    own = [line for path, line in places.items() if path[0] == "usernames"]
    behind = [
        line - 1
        for path, line in places.items()
        if path[0] != "usernames" and line > max(own, default=0) and lines[line - 1].lstrip().startswith("[")
    ]
    at = min(behind, default=len(lines))
    while behind and at > 0 and lines[at - 1].startswith("#"):
        at -= 1
    before = lines[:at]
    while before and not before[-1].strip():
        before.pop()
    made = [line for rule in rules for line in ("", "[[usernames.rule]]", *_rule_lines(rule))]
    return "\n".join([*before, *made, *([""] if lines[at:] else []), *lines[at:]]) + "\n"


def _rule_lines(rule: Keys) -> list[str]:
    return [f"{key} = {_inline(value)}" for key, value in rule.items()]


def _inline(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        table = ", ".join(f"{tomlkit.key(key).as_string()} = {_inline(inner)}" for key, inner in value.items())
        return f"{{ {table} }}"
    return str(tomlkit.item(_listed(value)).as_string())
