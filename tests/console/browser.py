"""Chromium at a console that runs as a process of its own."""

import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.cli.command import START, trackone
from tests.servers import binaries
from tests.servers.ports import free_port, wait_for_port

ARGUMENTS = ["--disable-dev-shm-usage", "--disable-gpu", "--no-sandbox"]
HOST = "127.0.0.1"
PASSWORD = "four words are enough"


class Served:
    """A console that is being served: its folder, its address, and the link printed when it started."""

    def __init__(self, folder: Path, *words: str) -> None:
        """Serve the school in `folder`."""
        self.folder = folder
        self.words = words
        self.port = free_port(HOST)
        self.address = f"http://{HOST}:{self.port}"
        self.start()

    def start(self) -> None:
        """Start it, again too: on the same port, so that a browser's session goes on."""
        log = self.folder / "console.log"
        with log.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-c", START, "serve", "console", "--port", str(self.port), *self.words],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
        wait_for_port(HOST, self.port, self._process, log)
        found = re.search(r"http\S+/join/\S+", log.read_text())
        self.link = found[0] if found else ""

    def stop(self) -> int:
        """Ask it to stop, as a service manager does; returns the exit code."""
        self._process.terminate()
        return self._process.wait(30)

    def kill(self) -> None:
        """End its first process at once; the one that answers follows by itself."""
        self._process.kill()
        self._process.wait()
        while not _is_free(self.port):
            time.sleep(0.01)


def _is_free(port: int) -> bool:
    """Whether nobody listens there any more."""
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True


@contextmanager
def served(folder: Path, *words: str):
    """A console that is stopped afterwards."""
    console = Served(folder, *words)
    try:
        yield console
    finally:
        console.stop()


@contextmanager
def chromium():
    """Debian's Chromium."""
    binaries.needed("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binaries.program("chromium"), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def demo_school(folder: Path) -> Path:
    """The invented school of `trackone demo`, small."""
    assert trackone("demo", "school", "--students", "150", folder=folder).code == 0
    return folder / "school"


def copied(folder: Path, target: Path) -> Path:
    """A school of one's own, to change."""
    return Path(shutil.copytree(folder, target))


def join(page: Page, link: str, name: str = "Jo Lee") -> None:
    """Become an administrator through a link."""
    page.goto(link)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Sign in with this").click()
    page.wait_for_url("**/users")


def watched(page: Page, but: str = "nothing at all") -> list[str]:
    """What the page's scripts and policy complain of, as it comes; what begins with `but` is no complaint."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "console", lambda one: said.append(one.text) if one.type == "error" and not one.text.startswith(but) else None
    )
    return said
