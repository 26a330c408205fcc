"""The commented files show every key there is, and no other."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from connector.settings.connector_model import ConnectorFile
from connector.settings.document import Document, checked
from connector.settings.faults import Fault
from connector.settings.key_lines import key_lines
from connector.settings.load import load_settings
from connector.settings.mapping_file import load_rules
from connector.settings.mapping_model import MappingFile, UsernameOptions, UsernameRuleTable
from connector.settings.model_tree import is_inline, options, sections, table_model
from connector.settings.preset_model import PresetFile
from connector.settings.reference import reference

ROOT = Path(__file__).parents[2]
CONNECTOR, STUDENTS = ROOT / "connector.toml", ROOT / "mappings" / "students.toml"


def switched_on(file: Path) -> str:
    """The file with every option that is switched off switched on."""
    return re.sub(r"^#(?=[^ \n])", "", file.read_text(encoding="utf-8"), flags=re.MULTILINE)


def keys(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of a model, by its sections; what a username rule inherits is told with [usernames]."""
    for key, option in options(model).items():
        table = table_model(option.annotation)
        if model is UsernameRuleTable and key in UsernameOptions.model_fields:
            continue
        if table is None or is_inline(table):
            yield (*above, key)
        else:
            yield from keys(table, (*above, key))


def shown(file: Path) -> set[tuple[str, ...]]:
    """Every key that stands in a file, switched on or off, and the tables inside tables."""
    paths = {tuple(name for name in path if isinstance(name, str)) for path in key_lines(switched_on(file))}
    return {path for path in paths if len(path) > 1}


def test_connector_toml_shows_every_key() -> None:
    """Each key of connector.toml stands in the example, switched on or off, and no other does."""
    tables = {("sis", "columns"), ("sis", "status"), ("sis", "connection"), ("directory", "attributes")}
    assert shown(CONNECTOR) - tables == set(keys(ConnectorFile))


def test_mapping_shows_every_key() -> None:
    """Each key of a mapping file stands in the default one, switched on or off, and no other does."""
    inherited = {("usernames", "rule", name) for name in UsernameOptions.model_fields}
    tables = {("usernames", "rule"), ("roles", "rule")}
    assert shown(STUDENTS) - tables - inherited == set(keys(MappingFile))


@pytest.mark.parametrize(("file", "model"), [(CONNECTOR, ConnectorFile), (STUDENTS, MappingFile)])
def test_every_option_shown_is_valid(file: Path, model: type[BaseModel]) -> None:
    """Options that are switched off are written as they may be switched on, one contradiction aside."""
    text = switched_on(file)
    faults: list[Fault] = []
    checked(Document(file.name, tomllib.loads(text), key_lines(text)), model, faults)
    assert [fault.where for fault in faults] in ([], ["[directory] bases"])


def test_example_files_are_valid_as_they_stand() -> None:
    """The shipped connector.toml and default mapping load without a change, and without a warning."""
    settings = load_settings(CONNECTOR, {})
    assert settings.warnings == ()
    assert settings.rules == load_rules(STUDENTS, state="QLD")


def test_reference_page_is_current() -> None:
    """docs/configuration.md is what the models say now; `python -m connector.settings.reference` prints it."""
    assert (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8") == reference()


def test_reference_page_names_every_key() -> None:
    """Each key has its row on the page."""
    page = reference()
    for path in (*keys(ConnectorFile), *keys(MappingFile)):
        assert f"| `{path[-1]}` |" in page, path


@pytest.mark.parametrize("file", [ConnectorFile, MappingFile, PresetFile])
def test_examples_of_the_models_are_valid(file: type[BaseModel]) -> None:
    """The example beside each key, which messages show, is a value the key takes."""
    for path, table in sections(file):
        for key, option in options(table).items():
            if option.examples and option.examples[0]:
                assert list(_faults(table, key, option.examples[0])) == [], (path, key)


def _faults(table: type[BaseModel], key: str, example: str) -> Iterator[str]:
    """What is wrong with that key when it alone stands in its table."""
    faults: list[Fault] = []
    checked(Document("file", tomllib.loads(f"{key} = {example}"), {}), table, faults)
    return (str(fault) for fault in faults if fault.where.split(".")[0] == key)
