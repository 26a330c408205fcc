"""Where the command line meets the world: configuration, terminal, log, progress."""

import getpass
import json
import logging
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import click

from connector.domain.errors import ConfigError
from connector.domain.ports import Progress

if TYPE_CHECKING:
    from connector.services.decision import Request
    from connector.services.parts import Parts
    from connector.settings.values import Settings

ORIGIN = "cli"


PIPE_WIDTH = 100
NARROWEST, WIDEST = 60, 160
"""Tables are never laid out for fewer columns, nor for more than an eye can follow."""


def _typed() -> str:
    """The command's name; or its path as it was typed, where the shell knows none of that name."""
    path = sys.argv[0]
    return path if Path(path).stem == "trackone" and shutil.which("trackone") is None else "trackone"


class Look(TypedDict):
    """How text is to be laid out."""

    colour: bool
    width: int


class Edge:
    """One call of the command: which configuration, how loud, and the school once it is needed."""

    def __init__(
        self, config: Path, *, quiet: bool, verbose: bool, log_json: bool, words: Sequence[str] = ()
    ) -> None:
        self.config = config
        self.quiet = quiet
        self._words = words
        self._settings: Settings | None = None
        self._parts: Parts | None = None
        self.log = Log(verbose=verbose, as_json=log_json)
        self.log.start()

    @property
    def settings(self) -> "Settings":
        """The checked configuration. Raises ConfigError."""
        if self._settings is None:
            from connector.settings.load import load_settings

            self._settings = load_settings(self.config, os.environ)
        return self._settings

    @property
    def parts(self) -> "Parts":
        """The school, ready to work. Raises ConfigError and StoreError."""
        if self._parts is None:
            from connector.bootstrap import build

            self._parts = build(self.settings, os.environ)
        return self._parts

    @property
    def again(self) -> str:
        """The command that does what this one has shown: the same words, and --apply."""
        return self.command(*self._words, *(() if "--apply" in self._words else ("--apply",)))

    def then(self, *words: str) -> str:
        """Another command on the same configuration."""
        elsewhere = () if self.config == Path("connector.toml") else ("-c", str(self.config))
        return self.command(*elsewhere, *words)

    @property
    def anywhere(self) -> str:
        """How this school's commands begin, whatever folder they are given in."""
        return self.command("-c", str(self.config.absolute()))

    def command(self, *words: str) -> str:
        """A command as it is typed here."""
        if os.name == "nt":
            from subprocess import list2cmdline

            return list2cmdline((_typed(), *words))
        return shlex.join((_typed(), *words))

    def request(self, as_of: str, *, attended: bool, accept: tuple[str, ...] = ()) -> "Request":
        """A request for that day: the one given, the one configured, or today here. Raises ConfigError."""
        from connector.services.decision import Request

        return Request(self.day(as_of), attended, accept)

    @property
    def zone(self) -> tzinfo:
        """The zone in which this machine's clock tells the time."""
        return self.parts.clock().astimezone().tzinfo or UTC

    def day(self, as_of: str) -> date:
        """The day to decide for. Raises ConfigError when it is not a date."""
        text = as_of or self.settings.sis.as_of
        if not text:
            return self.parts.clock().astimezone().date()
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ConfigError(f"--as-of {text}: not a date", hint="Write it as 2026-02-27.") from None

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """A progress line on a terminal; silence in a pipe and under --quiet."""
        if self.quiet or not sys.stderr.isatty():
            yield _silent
            return
        from rich.console import Console

        with Console(stderr=True).status("Starting") as status:

            def tell(phase: str, done: int, total: int | None) -> None:
                of = f" of {total:,}" if total else ""
                status.update(f"{phase}: {done:,}{of}")

            yield tell

    def say(self, text: str) -> None:
        """Print text to standard output, with signs the terminal cannot show replaced; nothing under --quiet."""
        if not self.quiet:
            self.write(text)

    def write(self, text: str) -> None:
        """Print text to standard output whatever --quiet says: it is what was asked for."""
        from connector.report.terminal import encodable

        click.echo(encodable(text, sys.stdout.encoding or "utf-8"), nl=not text.endswith("\n"))

    def hand_over(self, content: str | bytes, output: Path | None = None) -> None:
        """Give a document to a file, readable by its owner only, or to standard output, byte for byte as UTF-8."""
        data = content.encode() if isinstance(content, str) else content
        if output is not None:
            write_private(output, data)
            self.say(f"written: {output}")
            return
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    @property
    def look(self) -> Look:
        """How standard output takes text: in colour and as wide as the terminal, where it is one."""
        if not sys.stdout.isatty():
            return Look(colour=False, width=PIPE_WIDTH)
        columns = shutil.get_terminal_size().columns
        return Look(colour="NO_COLOR" not in os.environ, width=min(max(columns, NARROWEST), WIDEST))


def actor() -> str:
    """Who runs the command, by the operating system's name for them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file that only its owner may read, whole or not at all. Raises ConfigError when it cannot."""
    data = content.encode() if isinstance(content, str) else content
    if not path.name or path.is_dir():
        raise ConfigError(f"{path}: not the name of a file", hint="Choose another place with -o.")
    if path.exists() and not path.is_file():
        path.write_bytes(data)  # a device or pipe is written to, never replaced
        return
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise ConfigError(
            f"{path}: cannot be written ({error.strerror})", hint="Choose another place with -o."
        ) from None


def read_text(path: Path, what: str) -> str:
    """The text of a file. Raises ConfigError that names it."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: the {what} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: the {what} is not UTF-8 text") from None


def confirmed(question: str, *, apply: bool) -> bool:
    """Whether to go on: --apply says so, a person at a terminal is asked, and without either nothing is done."""
    if apply:
        return True
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo(f"{question} Not without --apply.", err=True)
        return False
    return click.confirm(question, default=False)


def _silent(phase: str, done: int, total: int | None) -> None:
    """Progress that nobody sees."""


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """One JSON object a line."""
        body = {"at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"), "level": record.levelname.lower()}
        facts = getattr(record, "facts", {})
        return json.dumps({**body, "logger": record.name, "message": record.getMessage(), **facts})


class Log(NamedTuple):
    """How much is logged to standard error, and in which form."""

    verbose: bool = False
    as_json: bool = False

    def start(self, level: int = logging.ERROR) -> None:
        """Log from now on what is as grave as `level`; a service says more than a command.

        What stops a command is said once, by `main`.
        """
        handler = logging.StreamHandler()
        handler.setFormatter(_JsonLines() if self.as_json else logging.Formatter("%(levelname)s %(message)s"))
        for name in ("connector", "scim_server"):
            log = logging.getLogger(name)
            log.handlers[:] = [handler]
            log.setLevel(logging.INFO if self.verbose or self.as_json else level)
