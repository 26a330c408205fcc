"""Keys of connector.toml given by environment variables: `TRACKONE__SECTION__KEY`, nested ones likewise."""

import tomllib
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from connector.settings.document import Document
from connector.settings.faults import Fault, nearest
from connector.settings.model_tree import is_inline, options, table_model

PREFIX = "TRACKONE__"


def override(document: Document, environ: Mapping[str, str], model: type[BaseModel]) -> tuple[Document, list[Fault]]:
    """The document with the variables' values in place of the file's; a Fault for each that names no known key.

    A value is read as TOML where it is valid TOML of a kind the key takes, else as text. Variables that do not
    begin with `TRACKONE__` are none of ours.
    """
    data, names, faults = document.data, dict(document.overrides), []
    for variable in sorted(name for name in environ if name.startswith(PREFIX)):
        found = _find(model, variable)
        if isinstance(found, Fault):
            faults.append(found)
            continue
        path, field = found
        data = _with(data, path, _value(environ[variable], field))
        names[path] = variable
    return document._replace(data=data, overrides=names), faults


def _find(model: type[BaseModel], variable: str) -> tuple[tuple[str, ...], FieldInfo] | Fault:
    words = variable.removeprefix(PREFIX).split("__")
    path: tuple[str, ...] = ()
    table: type[BaseModel] | None = model
    field = None
    for word in words:
        known = {key.casefold(): key for key in options(table)} if table else {}
        if word.casefold() not in known or table is None:
            meant = nearest(word, known)
            return _unknown(variable, [*path, meant, *words[len(path) + 1 :]] if meant else [])
        key = known[word.casefold()]
        path, field = (*path, key), options(table)[key]
        table = table_model(field.annotation)
    return (path, field) if field and len(path) > 1 and not _is_section(table) else _unknown(variable, [])


def _is_section(table: type[BaseModel] | None) -> bool:
    return table is not None and not is_inline(table)


def _unknown(variable: str, meant: list[str]) -> Fault:
    name = PREFIX + "__".join(meant).upper()
    step = f"did you mean {name}?" if meant else "expected TRACKONE__SECTION__KEY with a key of connector.toml"
    return Fault(variable, 0, "", f"unknown key; {step}")


def _with(data: dict[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    """A copy with the value at the path; what is no table on the way there stays, to be told as a fault."""
    name, rest = path[0], path[1:]
    if not rest:
        return {**data, name: value}
    inner = data.get(name, {})
    return {**data, name: _with(inner, rest, value)} if isinstance(inner, dict) else data


def _value(text: str, field: FieldInfo) -> object:
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    if len(parsed) > 1 or (_takes_text(field.annotation) and not isinstance(parsed["value"], str | list | dict)):
        return text
    return parsed["value"]


def _takes_text(annotation: object) -> bool:
    return annotation is str or str in get_args(annotation) or any(map(_takes_text, get_args(annotation)))
