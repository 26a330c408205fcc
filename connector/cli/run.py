"""trackone run."""

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from connector.cli.edge import Edge, actor
from connector.cli.sync import warn
from connector.domain.errors import ConfigError
from connector.domain.operation import Attempt, Ending
from connector.domain.ports import Clock

if TYPE_CHECKING:
    from connector.services.attend import Ended, Operation
    from connector.services.parts import Parts
    from connector.settings.values import Settings

ORIGIN = "schedule"
STOP_SIGNALS = ("SIGTERM", "SIGINT", "SIGBREAK")
LOOK_EVERY = 0.2
"""Seconds between looks while waiting, at the clock and for a signal: a machine that slept soon sees it is late."""

REMEMBERED = 100
"""So many attempts a service remembers by itself."""

log = logging.getLogger(__name__)


@click.command(epilog='Example: trackone run --every "1h"')
@click.option("--every", default="", metavar="SPAN", help='How often, such as "30m" or "1h"; over [run] every.')
@click.option("--jitter", default="", metavar="SPAN", help='Put each run off by up to this, such as "2m".')
@click.pass_obj
def command(edge: Edge, *, every: str, jitter: str) -> None:
    """Synchronise again and again, as a service does, and write one line for each run.

    A run that is refused or fails ends that run only; the next one tries again. On SIGTERM or Ctrl-C the command
    ends with 0 once the run that is going on is done. With [monitoring] port it answers /healthz, /readyz and
    /metrics meanwhile. connector.toml and the mapping are read anew for each run.
    """
    import random

    from connector.bootstrap import system_clock
    from connector.services.repeat import Rhythm, repeat

    run = edge.settings.run
    rhythm = Rhythm(_span("--every", every) or run.every, _span("--jitter", jitter, zero=True, left_out=run.jitter))
    turns = _Turns(edge, system_clock)
    stop = _Stop()
    with _stopping(stop), _listening(edge, turns):
        wait = _waiter(stop, system_clock, rhythm.every + rhythm.jitter)
        repeat(turns.turn, rhythm, system_clock, wait, random.SystemRandom().random)
    log.info("stopped")


class _Turns:
    """One run after the other, each by the configuration as it is then; by the last good one it is told of."""

    def __init__(self, edge: Edge, clock: Clock) -> None:
        """Raises ConfigError and StoreError: a service that cannot begin says so at once."""
        self._edge = edge
        self._clock = clock
        self.settings: Settings = edge.settings
        self.parts: Parts = edge.parts
        self.operation = self._operation(self.settings)
        self._made: tuple[Attempt, ...] = ()

    def turn(self) -> Ending:
        """Do one run and write its line; whatever it meets, the service outlives it."""
        try:
            ended = self._ended()
            self._made = (ended.attempt, *self._made[:REMEMBERED])
            self._tell(ended)
        except Exception as error:  # noqa: BLE001 - beyond what a run can meet: its record, or the notice of it
            click.echo(f"trackone: a run could not be recorded: {type(error).__name__}", err=True)
            return Ending.FAILED
        return ended.attempt.ending

    def _ended(self) -> "Ended":
        from connector.services.attend import failed

        started = self._clock()
        try:
            self._read_again()
            return self._attend()
        except Exception as error:  # noqa: BLE001 - a service outlives whatever one run meets
            return failed(self._remembering(), self._clock, started, error, ORIGIN, actor())

    def _attend(self) -> "Ended":
        from connector.services.attend import attend
        from connector.services.decision import Request

        text = self.settings.sis.as_of
        day = datetime.fromisoformat(text).date() if text else self._clock().astimezone().date()
        request = Request(day, attended=False)
        with self._edge.progress() as progress:
            return attend(self.parts, self._remembering(), request, ORIGIN, actor(), progress)

    def _read_again(self) -> None:
        from connector.bootstrap import build
        from connector.settings.load import load_settings

        settings = load_settings(self._edge.config, os.environ)
        self.parts, self.operation = build(settings, os.environ), self._operation(settings)
        self.settings = settings

    def _remembering(self) -> "Operation":
        return replace(self.operation, remembered=self._made)

    def _operation(self, settings: "Settings") -> "Operation":
        from connector.bootstrap import build_operation

        return build_operation(settings, os.environ, self._edge.anywhere)

    def _tell(self, ended: "Ended") -> None:
        from connector.report.notice import attempt_line

        zone = self._clock().astimezone().tzinfo
        assert zone is not None  # noqa: S101 - astimezone always has one
        line = attempt_line(ended.attempt, zone)
        if self._edge.quiet and ended.attempt.ending in (Ending.REFUSED, Ending.FAILED):
            click.echo(line, err=True)
        self._edge.say(line)
        warn(ended)


def _span(name: str, text: str, *, zero: bool = False, left_out: timedelta = timedelta(0)) -> timedelta:
    """A span of time as options give it. Raises ConfigError."""
    from connector.settings.value_kinds import read_span

    if not text:
        return left_out
    try:
        span = read_span(text)
    except ValueError:
        raise ConfigError(f"{name} {text}: not a span of time", hint='Write it as "30m", "1h" or "1d".') from None
    if not span and not zero:
        raise ConfigError(f"{name} {text}: a run needs some time", hint='At least "1s".')
    return span


class _Stop:
    """Whether somebody said stop; a signal's handler may say it at any moment.

    No lock is in it: the handler runs in the thread that waits, and would wait for itself where that thread holds
    one, as the lock of threading.Event is. Sleeping goes on after a handler (PEP 475), so it is done in short pieces.
    """

    def __init__(self) -> None:
        self.asked = False

    def ask(self) -> None:
        """Say stop."""
        self.asked = True

    def wait(self, seconds: float) -> bool:
        """Whether it was said; waits at most so long for it."""
        if not self.asked:
            time.sleep(seconds)
        return self.asked


@contextmanager
def _stopping(stop: _Stop) -> Iterator[None]:
    """While this lasts, a signal to end only says so; the run that is going on is finished first."""

    def ask(number: int, frame: Any) -> None:  # noqa: ARG001 - the signal module's shape
        if stop.asked and number == signal.SIGINT:
            raise KeyboardInterrupt  # who presses Ctrl-C twice wants it to end now; the store is then as before
        stop.ask()

    known = [getattr(signal, name) for name in STOP_SIGNALS if hasattr(signal, name)]
    before = {number: signal.signal(number, ask) for number in known}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _waiter(stop: _Stop, clock: Clock, longest: timedelta) -> Callable[[datetime], bool]:
    """Waits by the clock on the wall; one that was set back does not make it wait longer than `longest`."""

    def wait(until: datetime) -> bool:
        begun = clock()
        while (now := clock()) < until and until - now <= longest + timedelta(minutes=1) and now >= begun:
            if stop.wait(min(LOOK_EVERY, (until - now).total_seconds())):
                return True
        return stop.asked

    return wait


@contextmanager
def _listening(edge: Edge, turns: _Turns) -> Iterator[None]:
    """While this lasts, probes are answered, if [monitoring] names a port."""
    run = edge.settings.run
    if not run.port:
        yield
        return
    from connector.bootstrap import system_clock
    from connector.cli.probes import listener
    from connector.services.health import look
    from connector.settings.secrets import resolve_secret

    token = resolve_secret(run.token, os.environ, edge.settings.path.parent) if run.token else ""

    with listener(
        run.host,
        run.port,
        lambda: look(turns.parts.store, turns.operation.journal, turns.parts.version),
        system_clock,
        token,
    ):
        log.info("health and metrics on %s:%d", run.host, run.port)
        yield
