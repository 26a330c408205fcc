"""A move from one store to another, as text."""

import re
from collections.abc import Mapping

from connector.report.sentences import many, number
from connector.report.terminal import WIDTH, Line, Table, laid_out

_WORDS = {
    "accounts": "accounts",
    "reservations": "former usernames kept for their owners",
    "runs": "runs in the record",
    "outcomes": "changes in the record",
    "tokens": "SCIM tokens",
    "scim_groups": "SCIM groups",
    "console_administrators": "administrators of the console",
}
"""What people ask for; the other tables are counted together."""

_PASSWORD = re.compile(r"(?<=://)(?P<user>[^:/@]+):[^@]*(?=@)")


def move_text(
    source: str, target: str, counts: Mapping[str, int], *, colour: bool = False, width: int = WIDTH
) -> str:
    """What would be moved, from where and to where."""
    named = [(words, number(counts[table])) for table, words in _WORDS.items() if table in counts]
    rest = sum(count for table, count in counts.items() if table not in _WORDS)
    rows = [*named, ("other rows", number(rest)), ("the key that signs plans", "1")]
    parts: list[Line | Table] = [
        Line(f"From {source}"),
        Line(f"To   {target}, which is empty"),
        Table("What moves", ("What", "How many"), rows, right=frozenset({"How many"})),
    ]
    return laid_out(parts, colour=colour, width=width)


def moved_text(counts: Mapping[str, int], config: str, url: str, schema_name: str) -> str:
    """What was moved, and what is left to do."""
    lines = [
        f"Moved {many(sum(counts.values()), 'row')} and the plan key; counted again in the new store.",
        f"Now say so in {config}, before anything runs again:",
        "  [store]",
        f'  url = "{without_password(url)}"',
        *([f'  schema_name = "{schema_name}"'] if schema_name and url.startswith("postgresql") else []),
        "The old store is as it was; keep it as a backup or remove it.",
    ]
    return "\n".join(lines)


def without_password(url: str) -> str:
    """A URL as it may be shown."""
    return _PASSWORD.sub(lambda match: match["user"], url)
