"""One TOML file held against its model: every fault with its line, and in words a school can act on."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from connector.settings.faults import Fault, nearest, shown
from connector.settings.key_lines import KeyPath, line_of
from connector.settings.model_tree import Spot, choices, locate, options, sections

M = TypeVar("M", bound=BaseModel)
_EXPECTED = {
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "list_type": "a list in square brackets",
    "tuple_type": "a list in square brackets",
    "model_type": "a table of keys",
    "dict_type": "a table of keys",
}
_OTHER_WORDS = {
    "postfix": "suffix",
    "postpend": "suffix",
    "prepend": "prefix",
    "password": "bind_password",
    "first_name": "given_names",
    "surname": "family_name",
    "last_name": "family_name",
    "code": "sis_code",
    "year": "year_level",
}
"""Words other systems use for a key, which look less like it than like another."""


class Document(NamedTuple):
    """One TOML file as read: its name for messages, its data, and the line of each key.

    `overrides` names the environment variable that a value came from instead of the file.
    """

    file: str
    data: dict[str, Any]
    lines: Mapping[KeyPath, int]
    overrides: Mapping[KeyPath, str] = {}

    def fault(self, model: type[BaseModel], path: KeyPath, message: str) -> Fault:
        """A fault at the path: it names the environment variable where the value comes from one."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.overrides:
                return Fault(self.overrides[path[:length]], 0, "", message)
        return Fault(self.file, line_of(self.lines, path), locate(model, path).where, message)


def checked(document: Document, model: type[M], faults: list[Fault], **context: object) -> M | None:
    """The document's data as its model; what is wrong with it is added to `faults`, and then None."""
    try:
        return model.model_validate(document.data, context=context)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            cause = detail.get("ctx", {}).get("error")
            path = (*detail["loc"], *getattr(cause, "path", ()))
            message = str(cause) if cause else _message(detail, model, path)
            faults.append(document.fault(model, path, message))
    return None


def _message(detail: Mapping[str, Any], model: type[BaseModel], path: KeyPath) -> str:
    spot = locate(model, path)
    kind, value = detail["type"], detail["input"]
    if kind == "extra_forbidden":
        return _unknown(spot, value, model)
    if kind == "literal_error":
        return _no_choice(value, choices(spot.option.annotation) if spot.option else ())
    if kind in ("missing", "string_too_short"):
        return f"{'missing' if kind == 'missing' else 'empty'}{_example(spot)}"
    return _wrong_kind(detail, spot)


def _wrong_kind(detail: Mapping[str, Any], spot: Spot) -> str:
    kind, value, limits = detail["type"], shown(detail["input"]), detail.get("ctx", {})
    if kind == "list_type" and not spot.key:
        return f"write {spot.section} in double brackets, once for each"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, not {value}{_example(spot)}"
    if "ge" in limits:
        return f"{value} is out of range; expected at least {limits['ge']}"
    return f"{value} is out of range; expected at most {limits['le']}" if "le" in limits else str(detail["msg"])


def _unknown(spot: Spot, value: object, model: type[BaseModel]) -> str:
    known = list(options(spot.owner))
    tables = {".".join(map(str, path)): owner for path, owner in sections(model)}
    if not spot.section and isinstance(value, dict):
        return f"unknown section; {_did_you_mean(spot.name, list(tables), '[{}]')}"
    home = next((name for name, owner in tables.items() if spot.name in options(owner)), "")
    if home and not _meant(spot.name, known):
        return f"unknown key here; it belongs in [{home}]"
    return f"unknown key; {_did_you_mean(spot.name, known)}"


def _meant(word: str, known: list[str]) -> str:
    other = _OTHER_WORDS.get(word, "")
    return other if other in known else nearest(word, known)


def _did_you_mean(word: str, known: list[str], form: str = "{}") -> str:
    meant = _meant(word, known)
    if meant:
        return f"did you mean {form.format(meant)}?"
    return f"known are {', '.join(form.format(name) for name in known)}"


def _no_choice(value: object, words: tuple[str, ...]) -> str:
    meant = nearest(value, words) if isinstance(value, str) else ""
    hint = f"; did you mean {meant}?" if meant else ""
    return f"{shown(value)} is not one of {', '.join(words)}{hint}"


def _example(spot: Spot) -> str:
    examples = spot.option.examples if spot.option else None
    return f"; e.g. {spot.key} = {examples[0]}" if examples else ""
