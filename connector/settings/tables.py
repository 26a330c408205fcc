"""What the models of configuration files are made of: tables, keys that say what they mean, sections."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Table(BaseModel):
    """A table of a configuration file: unknown keys are refused and nothing is converted silently."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, validate_default=True)


class InlineTable(Table):
    """A table that people write as the value of a key, in braces."""


def option(description: str, example: str, *, default: Any = ..., **limits: Any) -> Any:
    """A key's field: what it means in a sentence, an example as TOML has it, and its default (none: required)."""
    return Field(default, description=description, examples=[example], **limits)


def section(model: type[BaseModel]) -> Any:
    """The field of a table that may be left out."""
    return Field(default_factory=model)
