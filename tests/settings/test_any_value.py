"""Whatever stands in a file, it is taken or refused in plain lines."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from connector.domain.errors import ConfigError
from connector.settings.connector_model import ConnectorFile
from connector.settings.load import load_settings
from connector.settings.mapping_file import load_rules
from connector.settings.mapping_model import MappingFile
from connector.settings.model_tree import options, sections

VALUES = (
    '""',
    '" "',
    '"x"',
    f'"{"x" * 5000}"',
    '"\\u0000\\u202e💥"',
    "-1",
    "99999999999999999999999",
    f"0x{'f' * 5000}",
    "1.5",
    "nan",
    "true",
    "2026-02-01",
    "2026-02-01T10:00:00Z",
    "10:00:00",
    "[]",
    '[""]',
    "[[1], {}]",
    "[{ a = 1 }]",
    "{}",
    "{ a = { b = [1] } }",
    '{ env = "A", file = "B" }',
    '{ env = "" }',
    '{ "" = "" }',
)


def _places(file: type[BaseModel]) -> list[str]:
    """Every key as a statement that lacks its value, with its section."""
    whole = [f"{key} = " for key in options(file)]
    arrays = {("usernames", "rule"), ("roles", "rule"), ("example",)}
    inside = [
        f"[[{'.'.join(path)}]]\n{key} = " if path in arrays else f"[{'.'.join(path)}]\n{key} = "
        for path, table in sections(file)
        for key in options(table)
    ]
    return [*whole, *inside, "unknown = ", "[unknown]\nkey = "]


def _refusal(path: Path, *, mapping: bool) -> str:
    try:
        load_rules(path) if mapping else load_settings(path, {})
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("name", "file"), [("connector.toml", ConnectorFile), ("students.toml", MappingFile)])
def test_any_value_is_taken_or_refused(tmp_path: Path, name: str, file: type[BaseModel]) -> None:
    """Every key with a value of every kind gives settings or lines that name the file, never a crash."""
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "students.toml").touch()
    path = tmp_path / name
    for place in _places(file):
        for value in VALUES:
            path.write_text(f"{place}{value}\n", encoding="utf-8")
            refused = _refusal(path, mapping=file is MappingFile)
            assert all(line.startswith(str(tmp_path)) for line in refused.splitlines()), (place, value, refused)
            assert refused.replace("\n", "").isprintable()


def test_any_key_is_refused_in_one_line(tmp_path: Path) -> None:
    """A key with line breaks or signs that turn the text is named in one harmless line."""
    path = tmp_path / "students.toml"
    path.write_text('[scope]\n"a\\nb\\u202ec" = 1\n', encoding="utf-8")
    refused = _refusal(path, mapping=True)
    assert refused.startswith(f"{path}:2: [scope] a\\u000ab\\u202ec: unknown key")
    assert refused.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000 + "]" * 5000,
        "a = " + "{b = " * 3000 + "1" + "}" * 3000,
        ".".join("abc" for _ in range(3000)) + " = 1",
        "[scope]\nmissing_reads = " + "9" * 5000,
        '[[roles.rule]]\nname = "a"\ngrant = ["Student Portal"]\nwhen.' + "any." * 2000 + 'year = "7"',
        "[[example]]\nexpect = {}\ngiven." + "a." * 2000 + "b = 1",
        "",
        "\x00",
        "\ufeff",
    ],
)
def test_monstrous_file_is_no_crash(tmp_path: Path, text: str) -> None:
    """Depth and length beyond all sense are refused in plain lines too, and in reasonable time."""
    for name in ("students.toml", "connector.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        refused = _refusal(path, mapping=name == "students.toml")
        assert all(line.startswith(str(tmp_path)) for line in refused.splitlines())
