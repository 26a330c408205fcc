"""A WSGI application on a listener of its own."""

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from types import FrameType
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

Loader = Callable[[str], Any]
"""Makes the application of a configuration file; a module's own function, so that the worker can import it."""


def listen(load: Loader, config: str, host: str, port: int, threads: int, workers: int = 1) -> None:
    """Serve until told to stop; requests that are being answered are finished first."""
    server = Server(
        target="trackone",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
        log_level=LogLevels.warning,
    )
    server.serve(target_loader=partial(load, config), wrap_loader=False)


def listen_together(commands: Sequence[Sequence[str]]) -> int:
    """Run these words of the command side by side until one ends or we are told to stop; returns its exit code."""
    start = "import sys; from connector.cli.main import main; main(sys.argv[1:])"
    children = [subprocess.Popen([sys.executable, "-c", start, *words]) for words in commands]  # noqa: S603 - ourselves

    def stop(_number: int, _frame: FrameType | None) -> None:
        for child in children:
            child.terminate()

    before = [(number, signal.signal(number, stop)) for number in (signal.SIGTERM, signal.SIGINT)]
    try:
        return _first_to_end(children)
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _first_to_end(children: Sequence[subprocess.Popen[bytes]]) -> int:
    """Wait for the first to end, end the others too."""
    ended: int | None = None
    while ended is None:
        for child in children:
            try:
                ended = child.wait(0.5)
                break
            except subprocess.TimeoutExpired:
                continue
    for child in children:
        child.terminate()
        child.wait()
    return max(ended, 0)
