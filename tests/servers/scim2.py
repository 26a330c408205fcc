"""scim2-server, a SCIM service that is not ours, as a process of its own on a loopback port."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

from tests.servers.ports import free_port, wait_for_port

TOKEN = "token-of-the-tests"


class Scim2Server:
    """The service, holding everything in memory; it ends with the `with` block.

    Every first part of a path is a service of its own: `url_of`.
    """

    def __init__(self) -> None:
        self.port = free_port("127.0.0.1")
        self.token = TOKEN
        self._folder = tempfile.TemporaryDirectory(prefix="scim2-")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        log = Path(self._folder.name) / "log"
        program = Path(sys.executable).parent / "scim2-server"
        words = ["--port", str(self.port), "--bearer-token", TOKEN, "--dynamic-tenants"]
        with log.open("wb") as out:
            self._process = subprocess.Popen([str(program), *words], stdout=out, stderr=subprocess.STDOUT)
        wait_for_port("127.0.0.1", self.port, self._process, log)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    def url_of(self, name: str) -> str:
        """The address of a service that holds only what this name was asked to keep."""
        return f"http://127.0.0.1:{self.port}/{name}/v2"
