"""docs/configuration.md, made from what the models say: `python -m connector.settings.reference > FILE`."""

import json
import sys
from collections.abc import Iterable, Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from connector.mapping.fields import FIELDS
from connector.mapping.template import SIGN_FILTERS, WORD_FILTERS
from connector.settings.connector_model import ConnectorFile
from connector.settings.mapping_model import MappingFile, UsernameOptions, UsernameRuleTable
from connector.settings.model_tree import choices, is_inline, locate, options, sections, table_model

_HEAD = """\
# Configuration: every key

This page is made from the product itself; `connector.toml` and `mappings/students.toml` show the same keys with
comments, ready to edit. Spans of time are written "30s", "90m", "24h", "14d" or "2w", percentages "10%". Paths are
relative to connector.toml. Unknown keys are refused, with the nearest known one.
"""
_CONNECTOR = """\
## connector.toml

Every key can be set by an environment variable instead: `[sis] path` is `TRACKONE__SIS__PATH`,
`[directory.attributes] key` is `TRACKONE__DIRECTORY__ATTRIBUTES__KEY`. Its value is read as TOML where it is TOML,
else as text. A variable that names no key is refused; other variables that begin with `TRACKONE_` are left alone.
"""
_MAPPING = """\
## The mapping file

`[mapping] file` names it: `mappings/students.toml`, if nothing else is said.
"""
_WHEN = """\
### What `when` may ask

| condition | holds when the student |
|---|---|
| `year = "7"`, `["7-9", "11"]` | is in the year level, or one of them |
| `campus`, `house`, `homegroup = "SE"` | is at that campus, in that house, in that home group |
| `status = "active"` | has that status: active, future, inactive, left, unknown |
| `class = "7MAT*"` | is in such a class; `*` and `?` stand for any letters and any letter |
| `flag = "Boarder"` | has yes in that column, which `[sis.columns] flags` names |
| `ldap_group = "CN=..."` | is in that directory group; with `nested = true` beside it also through other groups |
| `scim_group = "Prefects"` | is in that SCIM group |
| `field.HEADER = "Y"` | has that text in that column of the export |
| `any = [{...}, {...}]`, `all`, `not = {...}` | meets any, all, none of the conditions |

All keys of one table must hold; of a list one word is enough. Instead of a word stand `{ glob = "7*" }` or
`{ regex = "7[A-C]" }`, which must match the whole text.
"""
_TEMPLATE = """\
### Templates

`template = "{{given[0]}}.{{surname[:14]|alnum}} || {{code}}"`: a field in braces, then a slice (`[0]`, `[:3]` or
`[-4:]`), then filters behind `|`. What stands behind `||` counts where everything before is empty or taken. `{{n}}`
is where a counter goes (`{{n2}}`: two digits), else it goes to the end. `prefix` and `suffix` take fields too.

Fields: {fields}.

Filters: {filters}, `pad(4)`.
"""
_EXAMPLE = """\
### What examples hold

`given`: the fields of `[sis.columns]`, `cohort` (the year of finishing), `columns` (a table of further columns),
`ldap_groups` and `scim_groups`. `expect`: `username`, `roles`, `skip` (why there is no account), `given_names`,
`family_name`, `email`, `year_level` and `campus`.
"""


def reference() -> str:
    """The page, as Markdown."""
    template = _TEMPLATE.format(fields=_names(FIELDS), filters=_names([*WORD_FILTERS, *SIGN_FILTERS]))
    parts = [_HEAD, _CONNECTOR, *_tables(ConnectorFile), _MAPPING, *_tables(MappingFile), _WHEN, template, _EXAMPLE]
    return "\n".join(parts)


def _names(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _tables(file: type[BaseModel]) -> Iterator[str]:
    for path, table in sections(file):
        named = {key: option for key, option in options(table).items() if not _is_section(option)}
        inherits = table is UsernameRuleTable
        if inherits:
            named = {key: option for key, option in named.items() if key not in UsernameOptions.model_fields}
        rows = [_row(key, option) for key, option in named.items()]
        head = [f"### {locate(file, path).section}", "", _summary(table), ""]
        last = ["", "Beside these: any key of `[usernames]` from `method` to `specials`."] if inherits else []
        yield "\n".join([*head, "| key | meaning | default | example |", "|---|---|---|---|", *rows, *last, ""])


def _is_section(option: FieldInfo) -> bool:
    table = table_model(option.annotation)
    return table is not None and not is_inline(table)


def _row(key: str, option: FieldInfo) -> str:
    words = choices(option.annotation)
    meaning = (
        f"{option.description} One of {', '.join(f'`{word}`' for word in words)}." if words else option.description
    )
    example = f"`{option.examples[0]}`" if option.examples else ""
    return f"| `{key}` | {_cell(str(meaning))} | {_default(option)} | {_cell(example)} |"


def _default(option: FieldInfo) -> str:
    value = option.get_default()
    if option.is_required():
        return "required"
    if value in (None, "", (), []):
        return "-"
    return f"`{json.dumps(list(value) if isinstance(value, tuple) else value)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _summary(table: type[BaseModel]) -> str:
    return " ".join((table.__doc__ or "").split())


if __name__ == "__main__":
    sys.stdout.buffer.write(reference().encode())
