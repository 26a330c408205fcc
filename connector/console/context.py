"""What every page of the console works with: the school, the console's own record, the work going on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app, g

from connector.console.previews import Previews
from connector.console.school import School
from connector.console.visitor import Visitor
from connector.console.work import Works
from connector.domain.console import ConsoleRecord, NetworkSignIn
from connector.domain.ports import Clock
from connector.services.roll import Roll
from connector.settings.values import ConsoleSettings

EXTENSION = "console"


@dataclass(frozen=True, slots=True)
class Console:
    """One console: of one school, with its clock and its source of secrets (`token`: 256 random bits as text).

    `settings` and `name`, the school's, are as they were when the console started.
    """

    settings: ConsoleSettings
    name: str
    school: School
    record: ConsoleRecord
    network: NetworkSignIn | None
    works: Works
    previews: Previews
    roll: Roll
    clock: Clock
    token: Callable[[], str]


def console() -> Console:
    """The console of the request."""
    return cast(Console, current_app.extensions[EXTENSION])


def visitor() -> Visitor:
    """Who made the request."""
    return cast(Visitor, g.visitor)
