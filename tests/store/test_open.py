"""Opening a store on SQLite: files, modes, and everything that can be wrong with them."""

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import contextmanager

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from connector.domain.errors import ConfigError, StoreError
from connector.store import migrate
from connector.store.faults import explained
from connector.store.open import open_store
from connector.store.schema import metadata
from connector.store.sqlite import sqlite_engine
from tests.store.people import SYNC, TickingClock, by_name, create, run, student


def opened(path):
    """The store in this file."""
    return open_store(f"sqlite:///{path}", TickingClock())


def test_every_file_is_private_from_birth(tmp_path):
    """Database, log, shared memory, lock, its note and the key have mode 0600 under any umask."""
    before = os.umask(0)
    try:
        store = opened(tmp_path / "t.db")
        store.plan_key()
        with store.run(SYNC) as writer:
            writer.write([create(student("a"))])
            found = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert found == dict.fromkeys(("t.db", "t.db-wal", "t.db-shm", "t.db.lock", "t.db.lock.json", "t.db.key"), 0o600)


def test_a_store_at_rest_is_three_files(tmp_path):
    """When nobody has it open, a store is its database, its key and an unlocked lock file."""
    store = opened(tmp_path / "t.db")
    store.plan_key()
    run(store, create(student("a")))
    assert {file.name for file in tmp_path.iterdir()} == {"t.db", "t.db.key", "t.db.lock"}


def test_the_schema_is_what_the_migrations_make(tmp_path):
    """Alembic finds no difference between the migrated database and the tables the code uses."""
    opened(tmp_path / "t.db")
    with sqlite_engine(tmp_path / "t.db").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert migrate.revision(connection) == migrate.HEAD


def test_the_newest_migration_is_the_one_we_say():
    """HEAD names the last of the packaged migrations."""
    config = Config()
    config.set_main_option("script_location", str(migrate.__file__).replace("migrate.py", "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.HEAD


def test_a_restored_copy_gets_its_log_back(tmp_path):
    """A copy made by VACUUM INTO has no write-ahead log; opened as a store it reads and writes side by side again."""
    run(opened(tmp_path / "t.db"), create(student("a")))
    with sqlite3.connect(tmp_path / "t.db") as connection:
        connection.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    connection.close()
    store = opened(tmp_path / "copy.db")
    with store.view() as view:
        run(store, create(student("b")))
        assert [one.username for one in view.accounts()] == ["a"]
    assert list(by_name(store)) == ["a", "b"]


def test_a_folder_of_any_name_will_do(tmp_path):
    """Signs that mean something in URLs and configuration files mean nothing in a path."""
    folder = tmp_path / "100% Zoë's school #1 [x]"
    folder.mkdir()
    run(opened(folder / "a b.db"), create(student("a")))
    assert list(by_name(opened(folder / "a b.db"))) == ["a"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "trackone.db",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///t.db?mode=ro",
        "mysql://u:sesame@host/db",
        "no such thing",
    ],
)
def test_a_url_that_names_no_file_is_a_configuration_error(url):
    """The message says what to write and repeats nothing of a URL that may hold a password."""
    with pytest.raises(ConfigError, match=r"\[store\] url") as refused:
        open_store(url, TickingClock())
    assert "sqlite:///trackone.db" in str(refused.value)
    assert "sesame" not in str(refused.value)


def _text(path):
    path.write_text("username,sis_code\n" * 100)


def _folder(path):
    path.mkdir()


def _other_program(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (title)")
    connection.close()


def _newer(path):
    opened(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()


def _cut(path):
    run(opened(path), *(create(student(f"u{number}")) for number in range(3000)))
    path.write_bytes(path.read_bytes()[:30_000])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_text, "is not a database\n  name another file"),
        (_folder, "cannot be opened\n  check that the folder exists"),
        (_other_program, "is a database of another program: it has the table 'songs'\n  name another file"),
        (
            _newer,
            "was made by a newer trackone-connector: its schema is 9999, this version knows up to 0008\n  install",
        ),
        (_cut, "is damaged\n  restore it from a backup"),
    ],
)
def test_a_file_that_is_no_store_is_named(tmp_path, spoil, message):
    """The error names the file, what is wrong with it and the next step; the file stays as it was."""
    path = tmp_path / "t.db"
    spoil(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(StoreError) as refused:
        by_name(opened(path))
    assert str(refused.value).startswith(f"the store {path} {message}")
    assert before == (path.read_bytes() if path.is_file() else b"")


def test_a_folder_that_is_missing_is_named(tmp_path):
    """A database in a folder that is not there, or in a file, cannot be made."""
    (tmp_path / "file").touch()
    for path in (tmp_path / "no" / "t.db", tmp_path / "file" / "t.db"):
        with pytest.raises(StoreError, match="that the folder exists") as refused:
            opened(path)
        assert str(path) in str(refused.value)


@contextmanager
def bare_rights(folder):
    """A folder in which this user may not write, root included."""
    root = os.geteuid() == 0
    folder.chmod(0o500)
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o700)


@pytest.mark.skipif(os.name == "nt", reason="rights are given otherwise on Windows")
def test_a_folder_without_rights_is_named(tmp_path):
    """A folder this user may not write in is an error with the path and the next step."""
    with bare_rights(tmp_path), pytest.raises(StoreError, match="Permission denied") as refused:
        opened(tmp_path / "t.db")
    assert str(tmp_path / "t.db") in str(refused.value)
    assert "this user may write in it" in str(refused.value)


def test_a_full_disk_is_an_error_and_leaves_the_store_as_it_was(tmp_path):
    """A run that meets the end of the disk fails with one message; the store is as before and works again."""
    path = tmp_path / "t.db"
    run(opened(path), create(student("a")))
    script = """
import resource, sys
from connector.domain.errors import StoreError
from tests.store.people import create, run, student
from tests.store.test_open import opened
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    run(opened(sys.argv[1]), *(create(student(f"u{number}")) for number in range(5000)))
except StoreError as error:
    print(error)
"""
    pytest.importorskip("resource")
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"the store {path} cannot be read or written\n  check the disk")
    assert list(by_name(opened(path))) == ["a"]
    run(opened(path), create(student("b")))


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (("PRAGMA max_page_count = 2", "CREATE TABLE a (x)", "CREATE TABLE b (x)"), "cannot grow: the disk is full"),
        (("PRAGMA query_only = ON", "CREATE TABLE a (x)"), "is read-only"),
        (("SELECT * FROM elsewhere",), "failed: no such table: elsewhere"),
    ],
)
def test_what_sqlite_says_is_explained(tmp_path, statements, message):
    """Real SQLite errors become StoreErrors in plain words."""
    connection = sqlite3.connect(tmp_path / "t.db")
    *before, last = statements
    for statement in before:
        connection.execute(statement)
    with pytest.raises(StoreError, match=message), explained(tmp_path / "t.db"):
        connection.execute(last)
    connection.close()


def test_another_program_that_writes_is_named(tmp_path):
    """A database somebody else is writing to is reported as locked."""
    path = tmp_path / "t.db"
    first, second = sqlite3.connect(path), sqlite3.connect(path, timeout=0)
    first.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="is locked by another program"), explained(path):
        second.execute("CREATE TABLE a (x)")
    first.close()
    second.close()


@pytest.mark.parametrize("text", ["", "zz" * 32, "ab" * 31, "\xff\xfe"])
def test_a_damaged_key_is_an_error(tmp_path, text):
    """A key file that is no key is named, and is not replaced behind anybody's back."""
    store = opened(tmp_path / "t.db")
    key = tmp_path / "t.db.key"
    key.write_bytes(text.encode("latin-1"))
    with pytest.raises(StoreError, match=r"t\.db\.key is damaged: expected 64 hexadecimal digits\n  remove the file"):
        store.plan_key()
    assert key.read_bytes() == text.encode("latin-1")


def test_many_may_open_a_new_store_at_once(tmp_path):
    """Processes that open the same missing store together all get the one store and the one key."""
    script = """
import sys
from tests.store.test_open import opened
store = opened(sys.argv[1])
print(store.plan_key().hex(), len(store.runs()))
"""
    command = [sys.executable, "-c", script, str(tmp_path / "t.db")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = {process.communicate(timeout=60)[0] for process in started}
    assert len(said) == 1
    assert said.pop().endswith(" 0\n")
