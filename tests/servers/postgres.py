"""A private PostgreSQL on a loopback port, with its own folder and without a file of the system's."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.servers.binaries import refuse
from tests.servers.ports import free_port

HOST = "127.0.0.1"
USER = "trackone"
PASSWORD = "Pa55 word/@:1"
"""Holds signs that mean something in URLs, so that every test is one of their quoting too."""
_PLACES = "/usr/lib/postgresql"
_SETTINGS = {
    "listen_addresses": HOST,
    "fsync": "off",  # a killed server loses nothing: the system still has what it wrote
    "max_connections": "60",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
}


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs, of the newest version there is; skips the test without one."""
    versions = sorted(Path(_PLACES).glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]), reverse=True)
    found = str(versions[0]) if versions else shutil.which(name)
    if found is None:
        refuse(f"not installed: {name} (tests/provision.sh installs it)")
    return str(found)


class Postgres:
    """One server; `start`, `kill`, `restart` and `stop` may follow each other. `url` is its first database.

    A `lasting` one waits for the disk, as a school's own does.
    """

    def __init__(self, *, lasting: bool = False) -> None:
        if os.name == "nt":
            pytest.skip("a private PostgreSQL is started on POSIX systems only")
        initdb = program("initdb")
        self._temporary = tempfile.TemporaryDirectory(prefix="postgres-")
        self.folder = Path(self._temporary.name)
        self.port = free_port(HOST)
        self._process: subprocess.Popen[bytes] | None = None
        self._settings = {**_SETTINGS, "fsync": "on"} if lasting else _SETTINGS
        self._as = self._other_user()
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        self._give_away()
        words = ("-U", USER, "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        command = [initdb, "-D", self.folder / "data", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._as)  # type: ignore[call-overload] # a mapping of Popen's options
        assert done.returncode == 0, done.stderr[-2000:]

    @property
    def url(self) -> str:
        """The URL of the database that the server begins with."""
        return self.database_url("postgres")

    @property
    def facts(self) -> dict[str, str]:
        """The same in psycopg's own words."""
        return {"host": HOST, "port": str(self.port), "user": USER, "password": PASSWORD, "dbname": "postgres"}

    def database_url(self, name: str) -> str:
        """The URL of a database."""
        return f"postgresql+psycopg://{USER}:{quote(PASSWORD, safe='')}@{HOST}:{self.port}/{name}"

    def new_database(self, name: str, more: str = "") -> str:
        """Make a database; returns its URL."""
        self.execute(f'CREATE DATABASE "{name}" {more}')
        return self.database_url(name)

    def execute(self, statement: str) -> None:
        """Run one statement in the first database, as somebody who is not the connector."""
        import psycopg  # noqa: PLC0415 - only tests that have a server need it

        with psycopg.connect(**self.facts, autocommit=True) as connection:  # type: ignore[arg-type] # texts
            connection.execute(statement.encode())

    def start(self) -> "Postgres":
        """Start it and wait until it answers."""
        options = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program("postgres"), "-D", self.folder / "data", "-p", str(self.port), "-k", self.folder, *options],
                stdout=log,
                stderr=subprocess.STDOUT,
                **self._as,
            )  # type: ignore[call-overload] # a mapping of Popen's options
        self._wait()
        return self

    def kill(self) -> None:
        """Kill it as a crash would, without a word to its clients."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def restart(self) -> None:
        """Start it again on the same port; what was committed is there."""
        # The servers of the last postmaster's connections end by themselves, and it takes them a moment.
        self.start()

    def stop(self) -> None:
        """End it and remove everything it had."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)  # at once: nobody will ask for its data
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None
        self._temporary.cleanup()

    def _wait(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        ready = [program("pg_isready"), "-q", "-h", HOST, "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode:
            assert self._process is not None
            if self._process.poll() is not None:
                assert time.monotonic() < end, (self.folder / "log").read_text(errors="replace")[-2000:]
                self.start()  # the last one's servers still held its shared memory
                return
            assert time.monotonic() < end, "PostgreSQL does not answer"
            time.sleep(0.02)

    def _other_user(self) -> dict[str, object]:
        """PostgreSQL refuses to be root, so root lends it another user."""
        if os.geteuid() != 0:
            return {}
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        other = names.get("postgres") or names["nobody"]
        return {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}

    def _give_away(self) -> None:
        if self._as:
            for path in (self.folder, *self.folder.iterdir()):
                shutil.chown(path, self._as["user"], self._as["group"])  # type: ignore[call-overload] # numbers
