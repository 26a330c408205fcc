"""trackone store move: shown first, then done, and told what is left to do."""

from pathlib import Path

import pytest

from tests.cli.command import process, trackone
from tests.servers.postgres import Postgres
from tests.services.school import School, row


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A school with two accounts in a SQLite file."""
    School(tmp_path).write([row("S1", "Amelia", "Smith"), row("S2", "Ben", "Jones")])
    assert trackone("sync", folder=tmp_path).code == 0
    return tmp_path


def test_it_shows_first_and_makes_nothing(folder: Path) -> None:
    """Without --apply and without a terminal the counts are shown, and no file is made."""
    answer = trackone("store", "move", "sqlite:///new.db", folder=folder)
    assert answer.code == 0
    assert "which is empty" in answer.out
    assert answer.err == "Move everything now? Not without --apply.\n"
    assert not list(folder.glob("new.db*"))


def test_it_moves_and_says_what_to_write(folder: Path) -> None:
    """With --apply everything is in the new store, which works once it is named; a second move is refused."""
    before = trackone("accounts", "export", folder=folder).data
    answer = trackone("store", "move", "sqlite:///new.db", "--apply", folder=folder)
    assert answer.code == 0
    assert 'url = "sqlite:///new.db"' in answer.out
    again = trackone("store", "move", "sqlite:///new.db", "--apply", folder=folder)
    assert (again.code, "is not empty: it has rows in accounts" in again.err) == (1, True)
    config = folder / "connector.toml"
    config.write_text(config.read_text() + '[store]\nurl = "sqlite:///new.db"\n')
    assert trackone("accounts", "export", folder=folder).data == before
    assert trackone("runs", "undo", "1", "--apply", folder=folder).code == 0


@pytest.mark.parametrize("url", ["new.db", "mysql://host/db", "sqlite://"])
def test_a_place_that_is_no_store_is_told(folder: Path, url: str) -> None:
    """A URL that names no store ends with exit code 2 and what to write."""
    answer = trackone("store", "move", url, folder=folder)
    assert answer.code == 2
    assert "postgresql+psycopg://USER@HOST/DATABASE" in answer.err


@pytest.mark.servers
@pytest.mark.parametrize("way", ["file", "key", "variable"])
def test_a_move_to_postgresql_uses_the_password_of_the_store(folder: Path, postgres: Postgres, way: str) -> None:
    """A store in SQLite needs no password; the move to PostgreSQL takes it from where [store] password says it is."""
    config, environ = folder / "connector.toml", {"MOVE_TO": postgres.facts["password"]}
    (folder / "secret").write_text(environ["MOVE_TO"] + "\n")
    if way == "variable":
        environ["TRACKONE__STORE__PASSWORD"] = '{ env = "MOVE_TO" }'
    else:
        place = 'file = "secret"' if way == "file" else 'env = "MOVE_TO"'
        config.write_text(f"{config.read_text()}[store]\npassword = {{ {place} }}\n")
    url = f"postgresql+psycopg://trackone@127.0.0.1:{postgres.port}/postgres"
    words = ("store", "move", url, "--schema-name", f"by_{way}", "--apply")
    answer = process(*words, folder=folder, environ=environ)
    assert (answer.code, answer.err) == (0, "")


@pytest.mark.parametrize("way", ["env", "file"])
def test_a_missing_password_is_named_before_the_server_is_asked(folder: Path, way: str) -> None:
    """Where the variable or file of [store] password is not there, the move ends with 2 and its name."""
    config = folder / "connector.toml"
    config.write_text(f'{config.read_text()}[store]\npassword = {{ {way} = "NOT_THERE" }}\n')
    answer = trackone("store", "move", "postgresql+psycopg://trackone@127.0.0.1:1/x", folder=folder)
    assert answer.code == 2
    assert "[store] password" in answer.err
    assert "NOT_THERE is not" in answer.err


@pytest.mark.servers
def test_a_password_in_the_url_is_not_repeated(folder: Path, postgres: Postgres) -> None:
    """What is printed to be written into connector.toml has no password in it."""
    answer = trackone("store", "move", postgres.url, "--schema-name", "moved_by_cli", "--apply", folder=folder)
    assert answer.code == 0
    assert 'schema_name = "moved_by_cli"' in answer.out
    assert f"postgresql+psycopg://trackone@127.0.0.1:{postgres.port}/postgres" in answer.out
    assert "Pa55" not in answer.out
