"""A store in PostgreSQL: its birth, its neighbours, and everything that can be wrong with it."""

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.engine import make_url

from connector.domain.console import AuditLine
from connector.domain.errors import BusyError, ConfigError, ConflictError, StoreError
from connector.domain.ports import RunRequest
from connector.domain.scim import Compare, Window
from connector.services.again import ATTEMPTS, again_after_conflict
from connector.store import migrate
from connector.store.open import Reach, open_console_record, open_desk, open_or_await_store, open_store
from connector.store.postgresql import Server, has_schema
from connector.store.postgresql_faults import postgresql_error
from connector.store.schema import metadata
from tests.servers.postgres import PASSWORD, Postgres
from tests.store.people import SYNC, Address, by_name, create, run, student, update

pytestmark = [
    pytest.mark.servers,
    pytest.mark.usefixtures("address"),
    pytest.mark.parametrize("address", ["postgresql"], indirect=True),
]


SIGNS_IN = "UPDATE accounts SET last_sign_in = '2026-02-0{}T08:00:00+00:00' WHERE id = 1"


@pytest.fixture
def desk(address, clock):
    """The SCIM edge's connections to the store, closed in the end; it waits for others but a moment."""
    made = open_desk(f"{address.url}?options=-clock_timeout%3D100", clock, Reach(address.schema))
    yield made
    made._engine.dispose()


def engine(address: Address, **more):
    """An engine on the test's schema."""
    return Server(make_url(address.url), address.schema).engine(**more)


def psql(address: Address, statement: str) -> None:
    """One statement of somebody who knows nothing of us."""
    with engine(address).connect() as connection, connection.begin():
        connection.execute(text(statement))


@pytest.mark.usefixtures("store")
def test_the_schema_is_what_the_migrations_make(address):
    """Alembic finds no difference between the migrated schema and the tables the code uses."""
    with engine(address).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert migrate.revision(connection) == migrate.HEAD


@pytest.mark.usefixtures("store")
def test_texts_compare_by_code_point(address):
    """No text column follows a language's order, whatever the database's own is."""
    wanted = (
        "SELECT count(*), count(*) FILTER (WHERE collation_name = 'C') FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND data_type IN ('text', 'character varying')"
    )
    with engine(address).connect() as connection:
        every, by_code_point = connection.execute(text(wanted)).one()
    assert every == by_code_point > 60


def test_every_schema_is_a_store_of_its_own(store, address, clock):
    """Schools in one database see nothing of each other, and run at the same time."""
    other = Address(address.url, f"{address.schema}_other", address.key_file).opened(clock)
    with store.run(SYNC) as one, other.run(SYNC) as two:
        assert (one.write([create(student("asmith"))]), two.write([create(student("asmith"))])) == ([1], [1])
    run(other, create(student("bjones")))
    assert (list(by_name(store)), list(by_name(other))) == (["asmith"], ["asmith", "bjones"])


def test_many_may_open_a_new_store_at_once(address):
    """Processes that open the same missing store together all get the one store and the one key."""
    script = """
import sys
from tests.store.people import Address, TickingClock
store = Address(*sys.argv[1:]).opened(TickingClock())
print(store.plan_key().hex(), len(store.runs()))
"""
    command = [sys.executable, "-c", script, *address]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = {process.communicate(timeout=60)[0] for process in started}
    assert len(said) == 1
    assert said.pop().endswith(" 0\n")


def test_who_holds_the_lock_is_seen_by_another_machine(store, address, clock):
    """The holder's command, process and host stand in the server's own list, cut to its length."""
    request = RunRequest("accounts set-password " * 5, "cli", "tester")
    with store.run(request), pytest.raises(StoreError, match="run lock held by another process"):
        run(address.opened(clock), create(student("late")))


def test_the_key_stays_out_of_the_database(store, address):
    """The key is a private file of each machine; the database has but its digest."""
    key = store.plan_key()
    assert stat.S_IMODE(Path(address.key_file).stat().st_mode) == 0o600
    with engine(address).connect() as connection:
        kept = connection.scalar(text("SELECT value FROM state WHERE key = 'plan_key'"))
    assert len(kept) == 64
    assert key.hex() not in kept


def test_another_machine_needs_the_same_key(store, address, clock, tmp_path):
    """A machine without the key file, or with another key, is told to copy it; nothing is made up."""
    key = store.plan_key()
    elsewhere = address._replace(key_file=str(tmp_path / "other.key"))
    with pytest.raises(StoreError, match="is not there, though this store has one\n  copy it from the machine"):
        elsewhere.opened(clock).plan_key()
    assert not Path(elsewhere.key_file).exists()
    Path(elsewhere.key_file).write_text("ab" * 32)
    with pytest.raises(StoreError, match="is not the one that this store was first used with\n  copy"):
        elsewhere.opened(clock).plan_key()
    Path(elsewhere.key_file).write_text("ab" * 3)
    with pytest.raises(StoreError, match=r"is damaged.*\n  copy .*; a new key would be refused"):
        elsewhere.opened(clock).plan_key()
    Path(elsewhere.key_file).write_text(key.hex())
    assert elsewhere.opened(clock).plan_key() == key


def test_a_client_that_writes_waits_for_a_run_and_is_told_when_it_takes_too_long(store, desk):
    """While a run is open, the SCIM edge's write is refused as busy, not half done; reading goes on."""
    run(store, create(student("asmith")))
    with store.run(SYNC) as writer:
        writer.write([create(student("bjones"))])
        with desk.look("entra") as seen:
            assert [one.username for one in seen.accounts()] == ["asmith"]
        with pytest.raises(BusyError, match="is locked by another program"), desk.act("entra", "t"):
            pass
    with desk.act("entra", "t") as client:
        client.write([create(student("cbrown"))])
    assert list(by_name(store)) == ["asmith", "bjones", "cbrown"]


def test_an_outsiders_write_to_the_same_row_ends_the_run_whole(store, address):
    """What another program changed since the run began is not overwritten: the run is undone and done again."""
    run(store, create(student("asmith")), create(student("bjones")))
    attempts = []

    @again_after_conflict
    def work(outsider_until: int) -> None:
        with store.run(SYNC) as writer:
            found = {one.username: one for one in writer.accounts()}
            attempts.append(found["asmith"].last_sign_in)
            if len(attempts) <= outsider_until:
                psql(address, SIGNS_IN.format(len(attempts)))
            writer.write([update(found["bjones"], campus="N"), update(found["asmith"], campus="N")])

    work(outsider_until=ATTEMPTS - 1)
    assert len(attempts) == ATTEMPTS
    found = by_name(store)
    assert (found["asmith"].campus, found["asmith"].last_sign_in.day) == ("N", ATTEMPTS - 1)
    assert len(store.runs()) == 2
    attempts.clear()
    with pytest.raises(ConflictError, match="was written by another program at the same time; nothing of this run"):
        work(outsider_until=99)
    assert len(store.runs()) == 2


def test_a_connection_that_is_cut_undoes_the_run(store, address):
    """A run whose connection the server ends says so in one message, and nothing of it is there."""
    run(store, create(student("asmith")))

    def work():
        with store.run(SYNC) as writer:
            writer.write([create(student("bjones"))])
            psql(address, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
            writer.write([create(student("cbrown"))])

    with pytest.raises(StoreError, match="was lost in the middle of the work\n") as refused:
        work()
    assert str(refused.value).count("\n") == 1
    assert list(by_name(store)) == ["asmith"]
    run(store, create(student("dgreen")))


def test_a_pool_gets_over_a_restart(address, desk):
    """Connections kept open by a server process are made anew when the database has dropped them."""
    with desk.look("entra") as seen:
        assert seen.is_empty()
    psql(address, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'trackone' "
         "AND pid <> pg_backend_pid()")  # fmt: skip
    with desk.look("entra") as seen:
        assert seen.is_empty()


def _url(server: Postgres, **more) -> str:
    return make_url(server.url)._replace(**more).render_as_string(hide_password=False)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"password": "sesame"}, "refuses the user or the password\n  check the user in"),
        ({"password": None}, "refuses the user or the password\n  check the user in"),
        ({"username": "nobody"}, "refuses the user or the password\n  check the user in"),
        ({"database": "elsewhere"}, "is not there\n  make it"),
        ({"port": 1}, "does not answer: nothing listens there\n  start it"),
        ({"host": "nowhere.invalid"}, "is on a host that nobody knows\n  correct the host"),
    ],
)
def test_a_database_that_cannot_be_reached_is_named(address, postgres, clock, wrong, message):
    """The error names database and host, what is wrong and the next step, and no password."""
    with pytest.raises(StoreError) as refused:
        open_store(_url(postgres, **wrong), clock, Reach(address.schema))
    said = str(refused.value)
    assert message in said
    assert f"{wrong.get('database', 'postgres')} (PostgreSQL on {wrong.get('host', '127.0.0.1')}:" in said
    assert PASSWORD not in said
    assert "sesame" not in said


def test_the_password_may_stand_beside_the_url(address, postgres, clock):
    """A URL without a password takes the one that is given with it."""
    store = open_store(_url(postgres, password=None), clock, Reach(address.schema, PASSWORD))
    assert store.runs() == []


def test_a_database_of_another_program_is_left_alone(address, postgres, clock):
    """A schema with foreign tables is refused and stays as it is."""
    postgres.execute(f"CREATE SCHEMA {address.schema}")
    psql(address, "CREATE TABLE songs (title text)")
    with pytest.raises(StoreError, match="is a database of another program: it has the table 'songs'"):
        address.opened(clock)


@pytest.mark.usefixtures("store")
def test_a_newer_store_is_left_alone(address, clock):
    """A schema that a newer version made is refused."""
    psql(address, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="was made by a newer trackone-connector: its schema is 9999"):
        address.opened(clock)


def test_an_encoding_that_cannot_hold_every_name_is_refused(address, postgres, clock):
    """A database in Latin 1 is refused before anything is made in it."""
    url = postgres.new_database(f"latin_{address.schema}", "ENCODING LATIN1 LOCALE 'C' TEMPLATE template0")
    with pytest.raises(StoreError, match="has the encoding LATIN1, which cannot hold every name\n  make one with"):
        open_store(url, clock, Reach())


def test_missing_rights_are_named(address, postgres, clock):
    """A user that may not make the schema is told which right is missing; a read-only server is named."""
    user = f"weak_{address.schema}"
    postgres.execute(f"CREATE ROLE {user} LOGIN PASSWORD 'weak'")
    with pytest.raises(StoreError, match="may not be used so\n  give the user of"):
        open_store(_url(postgres, username=user, password="weak"), clock, Reach(address.schema))
    with pytest.raises(StoreError, match=r"is read-only \(a standby\?\)\n  name the primary"):
        open_store(f"{postgres.url}?options=-cdefault_transaction_read_only%3Don", clock, Reach(address.schema))


@pytest.mark.parametrize("name", ["Upper", "1st", "a-b", "a.b", 'a"b', "a b", "x" * 64])
def test_a_schema_name_needs_no_quotes(name, tmp_path):
    """A name that would need quotes in SQL is refused by the configuration, so that none is ever needed."""
    from connector.settings.load import load_settings  # noqa: PLC0415 - only here

    (tmp_path / "connector.toml").write_text(f"[store]\nschema_name = '{name}'\n")
    with pytest.raises(ConfigError, match=r"\[store\] schema_name: expected a name of lower-case letters"):
        load_settings(tmp_path / "connector.toml", {})
    with pytest.raises(ConfigError, match="cannot be the name of a schema here"):
        Server(make_url("postgresql+psycopg://host/database"), name)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (psycopg.errors.DiskFull, "cannot grow: the disk is full"),
        (psycopg.errors.TooManyConnections, "has no connection left"),
        (psycopg.errors.CannotConnectNow, "is not ready yet"),
        (psycopg.errors.AdminShutdown, "was lost in the middle of the work"),
        (psycopg.errors.DeadlockDetected, "was written by another program at the same time"),
        (psycopg.errors.UndefinedTable, "failed: no such thing"),
    ],
)
def test_what_the_server_says_is_explained(kind, words):
    """Errors become StoreErrors in plain words; lines that quote rows are left out."""
    error = kind("no such thing\nDETAIL:  Key (username)=(asmith) already exists.")
    assert words in str(postgresql_error("the database", error))
    assert "asmith" not in str(postgresql_error("the database", error))


def test_a_large_answer_does_not_wait_in_memory(store):
    """Every account is read through a cursor of the server, so that others can be asked for meanwhile."""
    run(store, *(create(student(f"u{number:05}")) for number in range(6000)))
    with store.view() as view:
        everybody = view.accounts()
        first = next(everybody)
        assert view.account(first.id) == first
        assert 1 + sum(1 for _ in everybody) == 6000


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("Straße", "STRASSE"),
        ("ÉCOLE", "école"),
        ("Sísyphos ΣΊΣΥΦΟΣ", "sísyphos σίσυφος"),
        ("Łódź", "ŁÓDŹ"),
        ("Ａｍｅｌｉａ", "amelia"),
        ("O'Brien 50%", "o'brien 50%"),
    ],
)
def test_a_filter_folds_names_as_we_do(store, desk, name, asked):
    """The server's own folding finds what ours would, for the letters that names have."""
    run(store, create(student("asmith", family_name=name)), create(student("bjones", family_name="Jones")))
    wanted = Compare("name", "familyname", "eq", asked)
    with desk.look("entra") as seen:
        found = seen.people(wanted, None, Window(0, 10))
        assert (found.total, found.ids) == (1, ("1",))
        assert seen.people(wanted._replace(op="sw", value=asked[:3]), None, Window(0, 10)).total == 1


def test_clients_of_several_hosts_take_turns(store, address, clock):
    """Writers that begin together on several connections each see what the last one wrote: no id is given twice."""
    desks = [open_desk(address.url, clock, Reach(address.schema)) for _ in range(3)]

    def make(number: int) -> list[int]:
        with desks[number % 3].act("entra", "t") as client:
            return client.write([create(student(f"u{number:02}"))])

    with ThreadPoolExecutor(12) as pool:
        ids = [one for made in pool.map(make, range(36)) for one in made]
    for desk in desks:
        desk._engine.dispose()
    assert sorted(ids) == list(range(1, 37))
    assert len(store.runs()) == 1


def test_looking_makes_no_schema(address, clock):
    """A store that is not there yet answers as an empty one; the first run makes it, with the key shown before."""
    awaited = open_or_await_store(address.url, clock, Reach(address.schema, key_file=Path(address.key_file)))
    key = awaited.plan_key()
    assert (awaited.runs(), awaited.applied_as("x"), by_name(awaited)) == ([], None, {})
    assert not has_schema(Server(make_url(address.url), address.schema))
    run(awaited, create(student("asmith")))
    assert (list(by_name(awaited)), awaited.plan_key()) == (["asmith"], key)
    assert address.opened(clock).plan_key() == key


def test_the_console_does_not_wait_for_a_run(store, address, clock):
    """Signing in and what else the console keeps of its own goes on while a run has the accounts."""
    console = open_console_record(f"{address.url}?options=-clock_timeout%3D100", clock, Reach(address.schema))
    line = AuditLine(clock(), "root", "127.0.0.1", "signed in", "", "")
    with store.run(SYNC) as writer:
        writer.write([create(student("asmith"))])
        console.audit(line)
        assert [one for _, one in console.audit_lines(9)] == [line]
    console._engine.dispose()
