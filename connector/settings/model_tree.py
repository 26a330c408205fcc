"""Walks the pydantic models of a file: which section a key stands in, what it may be, which keys are beside it."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from connector.settings.key_lines import KeyPath
from connector.settings.tables import InlineTable


class Spot(NamedTuple):
    """Where a path leads: the table as written, the key in it, and the model that knows the key.

    `name` is the key's last word; `option` is its field, None for a table and for a key the model does not know.
    """

    section: str
    key: str
    owner: type[BaseModel]
    name: str
    option: FieldInfo | None

    @property
    def where(self) -> str:
        """The spot as messages name it: `[sis.columns] sis_code`."""
        return " ".join(part for part in (self.section, self.key) if part)


def option_name(name: str, option: FieldInfo) -> str:
    """The key of a field as people write it."""
    return option.alias or name


def options(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by the keys people write."""
    return {option_name(name, option): option for name, option in model.model_fields.items()}


def table_model(annotation: object) -> type[BaseModel] | None:
    """The model of a field that is a table or an array of tables, else None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (table_model(inner) for inner in get_args(annotation))
    return next((model for model in found if model is not None), None)


def is_inline(table: type[BaseModel]) -> bool:
    """Whether people write the table as the value of a key, in braces."""
    return issubclass(table, InlineTable)


def is_array(annotation: object) -> bool:
    """Whether a field is a list or tuple, of tables or of values."""
    return get_origin(annotation) in (list, tuple)


def choices(annotation: object) -> tuple[str, ...]:
    """The words a field chooses from, "" left out; empty where it is no choice."""
    if get_origin(annotation) is Literal:
        return tuple(word for word in get_args(annotation) if word)
    return next(filter(None, map(choices, get_args(annotation))), ())


def locate(model: type[BaseModel], path: KeyPath) -> Spot:
    """The Spot of a path; numbers count the tables of an array."""
    header: list[str] = []
    keys: list[str] = []
    form, option, name = "{}", None, ""
    table: type[BaseModel] | None = model
    for step in path:
        if isinstance(step, int) and table is not None and not keys:
            form = f"[[{{}}]] {step + 1}"
            continue
        model, name = table or model, str(step + 1 if isinstance(step, int) else step)
        option = options(model).get(name) if table else None
        table = table_model(option.annotation) if option else None
        if table is not None and not is_inline(table) and not keys:
            header.append(name)
            form = "[[{}]]" if option and is_array(option.annotation) else "[{}]"
        else:
            keys.append(name)
    return Spot(form.format(".".join(header)), ".".join(keys), table or model, name, option if keys else None)


def sections(model: type[BaseModel], above: KeyPath = ()) -> Iterator[tuple[KeyPath, type[BaseModel]]]:
    """Every table of a file with its model, in the order of the models; the top of the file is left out."""
    for key, option in options(model).items():
        table = table_model(option.annotation)
        if table is not None and not is_inline(table):
            yield (*above, key), table
            yield from sections(table, (*above, key))
