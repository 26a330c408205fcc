"""One school's sync as part of a fleet: never more than one failure, and nobody else's."""

import os
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from connector import bootstrap
from connector.domain.errors import BusyError, ConnectorError
from connector.domain.operation import Attempt, Ending
from connector.domain.ports import Clock
from connector.domain.turn import TurnLostError
from connector.fleet.schools import School
from connector.services.attend import attend, failed
from connector.services.decision import Request
from connector.settings.values import Settings

ORIGIN = "fleet"


class Done(NamedTuple):
    """What became of a school in a round: how it ended, and what went wrong beside it.

    `attempt` is None when another worker did the round or has taken it over.
    """

    school: str
    attempt: Attempt | None
    warnings: tuple[str, ...] = ()
    again: bool = False
    """Whether somebody else was writing or had taken over, so that it is worth trying again soon."""


def sync_school(school: School, actor: str, clock: Clock, round_name: str = "", as_of: str = "") -> Done:
    """Synchronise one school; with `round_name` as its turn in that round, which no two workers can both do.

    What goes wrong is the attempt's message, so that it stops no other school.
    """
    started = clock()
    try:
        settings = school.settings(os.environ)
        parts = bootstrap.build(settings, os.environ, clock)
        operation = bootstrap.build_operation(settings, os.environ, f"trackone -c {school.config}", clock)
        if round_name:
            turn = bootstrap.build_turns(settings, clock).take(round_name)
            if turn is None:
                return Done(school.name, None)
            parts = replace(parts, turn=turn)
    except ConnectorError as error:
        busy = isinstance(error, BusyError)
        ending = Ending.BUSY if busy else Ending.FAILED
        attempt = Attempt(started, clock(), ORIGIN, actor, ending, message=error.message, hint=error.hint)
        return Done(school.name, attempt, again=busy)
    try:
        request = Request(_day(settings, as_of, clock), attended=False)
        ended = attend(parts, operation, request, ORIGIN, actor, _silent)
    except Exception as error:  # noqa: BLE001 - whatever one school meets, the others are done
        ended = failed(operation, clock, started, error, ORIGIN, actor)
    if isinstance(ended.error, TurnLostError):
        return Done(school.name, None, again=True)
    return Done(school.name, ended.attempt, ended.warnings, ended.attempt.ending is Ending.BUSY)


def _day(settings: Settings, as_of: str, clock: Clock) -> date:
    text = as_of or settings.sis.as_of
    return datetime.fromisoformat(text).date() if text else clock().astimezone().date()


def _silent(phase: str, done: int, total: int | None) -> None:
    """Progress that nobody sees."""
