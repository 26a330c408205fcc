"""A school's SCIM endpoint as schools run it: `trackone serve scim`, a process of its own, on a file."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import requests

from tests.servers.small_school import MAPPING, lay

RATE = "[scim]\nrate = 100000\nburst = 100000\n"
START = "import sys; from connector.cli.main import main; main(sys.argv[1:])"
TOKEN = re.compile(r"Token\s+(\S+)")
MEDIA_TYPE = "application/scim+json"
CORE = "urn:ietf:params:scim:schemas:core:2.0"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Answer(NamedTuple):
    """A status, the body as JSON (None where there is none) and the headers."""

    status: int
    told: Any
    headers: Any


class Served:
    """The endpoint; `url` ends in /scim/v2, `token` is a bearer token that may write."""

    def __init__(self, folder: Path, mapping: str = MAPPING, more: str = "", scope: str = "write") -> None:
        """Lay the school down and make a token; nothing is started yet."""
        self.folder = folder
        lay(folder, mapping=mapping, more=RATE + more)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/scim/v2"
        self.token = self.new_token("entra", scope)
        self._process: subprocess.Popen[bytes] | None = None

    def new_token(self, client: str, scope: str = "write") -> str:
        """A token of a client."""
        found = TOKEN.search(self.trackone("token", "create", client, "--scope", scope))
        assert found is not None
        return found[1]

    def trackone(self, *words: str) -> str:
        """The command in the school's folder; what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", START, *words], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self) -> "Served":
        """Serve, and wait until it answers."""
        with (self.folder / "serve.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", START, "serve", "scim", "--port", str(self.port)],
                cwd=self.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                requests.get(f"{self.url}/Users?count=0", headers=self.bearing(), timeout=5)
            except requests.ConnectionError:
                assert self._process.poll() is None, (self.folder / "serve.log").read_text()
                time.sleep(0.05)
            else:
                return self
        raise AssertionError("the endpoint did not come up in 30 s")

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End every process of the endpoint: told to, or by SIGKILL."""
        if self._process is None:
            return
        if how == signal.SIGKILL:
            os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.send_signal(how)
        self._process.wait(30)
        self._process = None

    def bearing(self, token: str = "") -> dict[str, str]:
        """Headers with a token."""
        return {"Authorization": f"Bearer {token or self.token}"}

    def __call__(self, method: str, path: str, body: Any = None, *, token: str = "", **headers: str) -> Answer:
        """One request on a connection of its own."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            given["Content-Type"] = MEDIA_TYPE
        data = None if body is None else json.dumps(body)
        answer = requests.request(
            method, f"{self.url}{path}", data=data, headers=self.bearing(token) | given, timeout=60
        )
        return Answer(answer.status_code, answer.json() if answer.content else None, answer.headers)

    def accounts(self) -> list[dict[str, Any]]:
        """The accounts as `trackone accounts export` tells them."""
        found: list[dict[str, Any]] = json.loads(self.trackone("accounts", "export", "--format", "json"))
        return found


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def user(name: str, /, **more: Any) -> dict[str, Any]:
    """A User to send."""
    return {"schemas": [f"{CORE}:User"], "userName": name, **more}


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    """A PatchOp to send."""
    return {"schemas": [PATCH_OP], "Operations": list(operations)}
