"""Health: whether the SIS, the directory and the store can be reached, the last good run, what the guard refused."""

from datetime import datetime
from typing import NamedTuple

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from connector.bootstrap import build_journal
from connector.console.context import console, visitor
from connector.console.gate import any_role
from connector.console.watch import watch
from connector.console.work import Work
from connector.domain.errors import ConnectorError
from connector.domain.operation import Attempt, Ending
from connector.domain.ports import Progress
from connector.domain.run import Run
from connector.report.sentences import done_sentence, guard_meaning
from connector.services.check import check_connections, check_examples
from connector.services.checked import Checked

TOPIC = "health"
SHOWN = 20

pages = Blueprint("health", __name__)


class Look(NamedTuple):
    """What a look at everything found, and when."""

    checked: list[Checked]
    made: datetime


@pages.get("/health")
def index() -> ResponseReturnValue:
    """What is known without reaching for anything, and the last look."""
    work = console().works.on(TOPIC)
    if work is not None and not work.ended:
        return watch(work)
    attempts, fault = _attempts()
    refused = next((one for one in attempts if one.ending is Ending.REFUSED), None)
    done = next((one for one in attempts if one.ending is Ending.DONE), None)
    return render_template(
        "health.html",
        look=work.result if work is not None and isinstance(work.result, Look) else None,
        warnings=console().school.settings.warnings,
        fault=fault,
        last=_last_sync(),
        done_sentence=done_sentence,
        attempts=attempts,
        refused=refused if refused and (done is None or done.started_at < refused.started_at) else None,
        guard_meaning=guard_meaning,
    )


@pages.post("/health")
@any_role
def look() -> ResponseReturnValue:
    """Reach for the SIS, the directory and the store; nothing is written."""
    room = console()
    settings, parts, asked = room.school.settings, room.school.parts, room.school.request()

    def check(work: Work, progress: Progress) -> str:
        found = [*check_examples(settings.rules), *check_connections(parts, asked, progress)]
        work.result = Look(found, room.clock())
        return "/health"

    work = room.works.begin(TOPIC, visitor().name, "Looking at everything", url_for(".index"), check)
    return watch(work)


def _attempts() -> tuple[list[Attempt], str]:
    """The syncs that were tried lately, and why they are not known."""
    room = console()
    try:
        return build_journal(room.school.settings, room.clock).attempts(SHOWN), ""
    except ConnectorError as error:
        return [], error.message


def _last_sync() -> Run | None:
    """The last run that brought accounts in line with the SIS."""
    runs = console().record.newest_runs()
    return next((run for run in runs if run.command in ("sync", "apply") and run.finished_at), None)
