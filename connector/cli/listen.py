"""A WSGI application on a listener of its own."""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from threading import Thread
from types import FrameType
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from connector.domain.errors import OperationError

Loader = Callable[[str], Any]
"""Makes the application of a configuration file; a module's own function, so that the worker can import it."""

ENDING = (0.2,) * 15
"""Seconds between the looks at a port: a server that was just told to end has it for a moment."""


def require_free(host: str, port: int) -> None:
    """Raise OperationError where nothing can listen there, most often because something does already.

    The server's own sockets share their port (SO_REUSEPORT), so that a second server, of older rules or of another
    school, would be let in and answer every other request.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for pause in ENDING:
        try:
            socket.create_server((host, port), family=family).close()
        except OSError as error:
            failed = error
            time.sleep(pause)
        else:
            return
    raise OperationError(
        f"{host}, port {port}: cannot listen there ({failed.strerror or failed})",
        hint="Stop what listens there (another trackone serve?), or name another: --port, or host and port in "
        "connector.toml.",
    )


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
    server.serve(target_loader=partial(_loaded, load, config), wrap_loader=False)


def end_with(wait: Callable[[], object]) -> None:
    """End this process when `wait` returns: when the one that started it was killed and can tell it nothing more.

    It would go on answering by itself, and hold the port that the next server needs.
    """

    def watch() -> None:
        wait()
        os._exit(1)

    Thread(target=watch, name="end-with", daemon=True).start()


def _loaded(load: Loader, config: str) -> Any:
    """The application, in a worker that ends with its server."""
    server = multiprocessing.parent_process()
    if server is not None:
        end_with(server.join)
    return load(config)


def listen_together(commands: Sequence[Sequence[str]]) -> int:
    """Run these words of the command side by side until one ends or we are told to stop; returns its exit code."""
    start = (
        "import os, sys; from connector.cli.listen import end_with; from connector.cli.main import main; "
        "end_with(lambda: os.read(0, 1)); main(sys.argv[1:])"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", start, *words], stdin=subprocess.PIPE)  # noqa: S603 - ourselves
        for words in commands
    ]

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
