"""A connection that breaks just as a run is committed: what is said of the run is true."""

import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from connector.domain.errors import StoreError
from connector.store.database import PostgresqlSchema
from connector.store.open import Reach, open_store
from connector.store.postgresql import Server
from connector.store.sql import SqlStore
from tests.servers.postgres import HOST, Postgres
from tests.store.people import by_name, create, run, student

pytestmark = [
    pytest.mark.servers,
    pytest.mark.parametrize("address", ["postgresql"], indirect=True),
]


class Wire:
    """A wire to the server that breaks at a COMMIT once it is armed: before it arrives, or before its answer.

    One that is armed to `stay` broken takes no new connection either.
    """

    def __init__(self, server: Postgres) -> None:
        """Listen on a port of its own."""
        self._server = server
        self._listening = socket.create_server((HOST, 0))
        self.port = self._listening.getsockname()[1]
        self.armed = ""
        self.stay = self.down = self._mute = False
        self._answered = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """No new connections."""
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if self.down:
                client.close()
                continue
            server = socket.create_connection((HOST, self._server.port))
            for words in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._carry, args=words, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, up: bool) -> None:
        broken = False
        while not broken:
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            broken = not data
            if up and self.armed and b"COMMIT" in data:
                after, self.armed, broken = self.armed == "after", "", True
                self.down = self.stay
                if after:
                    self._mute = True
                    target.sendall(data)
                    self._answered.wait(10)  # the server has answered, and nobody will hear it
            elif not up and self._mute:
                self._mute, broken = False, True
                self._answered.set()
            elif data:
                try:
                    target.sendall(data)
                except OSError:
                    broken = True
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()


@pytest.fixture
def wire(postgres):
    """A wire to the server."""
    one = Wire(postgres)
    yield one
    one.close()


@pytest.fixture
def store(wire, address, clock):
    """The test's store at the end of the wire, with one account."""
    url = make_url(address.url).set(port=wire.port).render_as_string(hide_password=False)
    one = open_store(url, clock, Reach(address.schema, key_file=Path(address.key_file)))
    run(one, create(student("before")))
    return one


def test_a_run_that_was_committed_is_a_success(store, wire):
    """The answer to the commit is lost, but the run is there: it counts as done."""
    wire.armed = "after"
    assert run(store, create(student("during"))) == [2]
    assert wire.armed == ""
    assert (sorted(by_name(store)), len(store.runs())) == (["before", "during"], 2)


def test_a_run_that_was_not_committed_is_a_failure(store, wire):
    """The commit never arrived: the run failed, nothing of it is there, and it can be done again."""
    wire.armed = "before"
    with pytest.raises(StoreError, match="was lost; nothing of this run was written\n  run again"):
        run(store, create(student("during")))
    assert (list(by_name(store)), len(store.runs())) == (["before"], 1)
    assert run(store, create(student("during"))) == [2]


def test_a_server_that_stays_away_leaves_the_question_open(store, wire, address, clock):
    """Where nobody can say what became of the run, that is said, with how to find out."""
    url = make_url(address.url).set(port=wire.port)
    impatient = SqlStore(PostgresqlSchema(Server(url, address.schema), Path(address.key_file), settle=1), clock)
    wire.armed, wire.stay = "after", True
    with pytest.raises(
        StoreError, match=r"was lost while the run was being committed\n  whether it is there: trackone"
    ):
        run(impatient, create(student("during")))
    wire.down = False
    assert sorted(by_name(store)) == ["before", "during"]
