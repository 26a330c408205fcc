import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from connector.cli.main import COMMANDS, cli
from tests.cli.command import trackone

HEAVY = {"sqlalchemy", "alembic", "pydantic", "rich", "jinja2", "ldap3", "xlsxwriter", "argon2"}
LOADED = """
import json, sys
from connector.cli.main import main
for words in json.loads(sys.argv[1]):
    try:
        main([*words, "--help"])
    except SystemExit as ended:
        assert not ended.code, words
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


def _paths(command: click.Command, *words: str) -> Iterator[tuple[str, ...]]:
    """The words of every command and subcommand there is."""
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from _paths(command.get_command(context, name), *words, name)


PATHS = list(_paths(cli))


def _loaded(paths: list[tuple[str, ...]]) -> set[str]:
    """The packages in memory once a fresh process has shown these helps."""
    done = subprocess.run([sys.executable, "-c", LOADED, json.dumps(paths)], check=True, capture_output=True)
    return set(json.loads(done.stderr))


@pytest.mark.parametrize("words", PATHS, ids=" ".join)
def test_help_ends_with_an_example(words: tuple[str, ...], tmp_path: Path) -> None:
    """Every command and subcommand says what it does, and shows a line to copy that begins with its own words."""
    answer = trackone(*words, "--help", folder=tmp_path)
    said = " ".join(answer.out.split())
    assert (answer.code, answer.err) == (0, "")
    assert " ".join(("Usage: trackone", *words)) in said
    examples = said.rpartition("Example")[2] if words else said.rpartition("Start with")[2]
    assert " ".join(("trackone", *words)) in examples.replace("-c /etc/trackone/connector.toml --quiet ", "")
    assert list(tmp_path.iterdir()) == []


def test_the_list_of_commands_is_whole_and_true(tmp_path: Path) -> None:
    """`trackone --help` lists every command with a line, and every command of the list is there."""
    said = trackone("--help", folder=tmp_path).out
    assert [name for name in COMMANDS if f"  {name} " not in said] == []
    assert {words[0] for words in PATHS if words} == set(COMMANDS)


def test_help_pays_for_nothing() -> None:
    """The list of commands is shown without loading one library that costs time."""
    assert _loaded([()]) & HEAVY == set()


def test_help_of_a_command_pays_for_nothing() -> None:
    """So is the help of every command."""
    assert _loaded(PATHS) & HEAVY == set()


def test_version_is_that_of_the_package(tmp_path: Path) -> None:
    """`--version` names the command and its version."""
    answer = trackone("--version", folder=tmp_path)
    assert (answer.code, answer.out.split()[0], answer.out.count(".")) == (0, "trackone,", 2)
