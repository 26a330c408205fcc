from pathlib import Path

import pytest

from connector.settings.key_lines import key_lines, line_of

TEXT = '''# a comment with [brackets] and key = 1
[sis]
reader = "csv" # path = "no"
path = """
[not a table]
key = 2
"""

[sis.columns]
"sis code" = "Code"
given.legal = 'a = "b"'
list = [
  "x", # ] not the end
  { a = 1 },
]
[[roles.rule]]
name = "one"
[[roles.rule]]
name = "two"
when = { year = "7" }
[roles.rule.more]
deep = true
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("sis",), 2),
        (("sis", "reader"), 3),
        (("sis", "path"), 4),
        (("sis", "columns"), 9),
        (("sis", "columns", "sis code"), 10),
        (("sis", "columns", "given", "legal"), 11),
        (("sis", "columns", "list"), 12),
        (("roles", "rule", 0), 16),
        (("roles", "rule", 0, "name"), 17),
        (("roles", "rule", 1, "name"), 19),
        (("roles", "rule", 1, "when", "year"), 20),
        (("roles", "rule", 1, "more", "deep"), 22),
        (("sis", "unwritten"), 2),
        (("nowhere",), 0),
    ],
)
def test_line_of_a_key(path: tuple[str | int, ...], line: int) -> None:
    """A key is found on its line in tables, dotted keys and arrays of tables; else the nearest thing around it."""
    assert line_of(key_lines(TEXT), path) == line


def test_text_that_looks_like_keys_is_no_key() -> None:
    """Comments and multi-line strings give no keys."""
    names = {name for path in key_lines(TEXT) for name in path}
    assert "key" not in names
    assert "not a table" not in names


@pytest.mark.parametrize("end", ["", "\n"])
def test_last_line_may_lack_its_end(end: str) -> None:
    """The last statement is found with and without a line end behind it."""
    assert key_lines(f"a = 1\nb = 2{end}") == {("a",): 1, ("b",): 2}


def test_every_key_of_the_shipped_files_has_its_line() -> None:
    """Each key that stands in the shipped files is on the line that the scan names."""
    root = Path(__file__).parents[2]
    for file in (root / "connector.toml", *(root / "mappings").rglob("*.toml")):
        text = file.read_text(encoding="utf-8")
        for path, line in key_lines(text).items():
            name = next(str(name) for name in reversed(path) if isinstance(name, str))
            assert name in text.splitlines()[line - 1], (file.name, path)
