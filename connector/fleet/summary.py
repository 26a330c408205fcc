"""How every school of a fleet is, told by its own store."""

import os
from datetime import datetime

from connector import bootstrap
from connector.domain.errors import ConnectorError
from connector.domain.operation import Attempt, Ending, Health
from connector.domain.ports import Clock
from connector.fleet.schools import School
from connector.report.fleet import SchoolLine
from connector.services.health import look


def school_line(school: School, clock: Clock) -> SchoolLine:
    """How a school is; a configuration or a store that cannot be used is a fault in what is returned."""
    try:
        settings = school.settings(os.environ)
        parts = bootstrap.build(settings, os.environ, clock)
        journal = bootstrap.build_operation(settings, os.environ, clock=clock).journal
    except ConnectorError as error:
        return SchoolLine(school.name, Health("", error.message))
    return SchoolLine(school.name, look(parts.store, journal, parts.version))


def round_line(school: School, since: datetime, clock: Clock, attempt: Attempt | None) -> SchoolLine:
    """How a school is after a round that began at `since`; `attempt` is this process's own, where it did the work."""
    line = school_line(school, clock)
    health = line.health
    if attempt is not None:
        last = attempt
    elif health.last is not None and health.last.started_at >= since:
        last = health.last
    else:
        now = clock()
        last = Attempt(since, now, "fleet", "", Ending.FAILED, message=health.fault or "no worker has done it")
    done = last if last.ending is Ending.DONE else health.last_done
    return line._replace(health=health._replace(last=last, last_done=done))
