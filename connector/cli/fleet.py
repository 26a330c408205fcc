"""trackone fleet."""

import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from connector.cli.edge import Edge, actor
from connector.cli.options import as_of
from connector.domain.errors import ConfigError, ConnectorError, GuardError, OperationError
from connector.domain.operation import Ending

if TYPE_CHECKING:
    from connector.fleet.one_school import Done
    from connector.fleet.schools import School
    from connector.report.fleet import SchoolLine

F = TypeVar("F", bound=Callable[..., Any])
_NAMED = 10
"""How many schools the last line names; the summary has them all."""

_folder = click.argument("folder", type=click.Path(path_type=Path))
_form = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_only = click.option("--school", "wanted", multiple=True, metavar="NAME", help="Only this school; may be repeated.")


def _queue(command: F) -> F:
    return click.option(
        "--queue",
        "queue",
        default="",
        envvar="TRACKONE_FLEET_QUEUE",
        metavar="URL",
        help="The PostgreSQL database of the queue: postgresql+psycopg://USER@HOST/DATABASE "
        "(or the environment variable TRACKONE_FLEET_QUEUE).",
    )(command)


@click.group(name="fleet", epilog="Example: trackone fleet sync /srv/schools")
def command() -> None:
    """Many schools: a folder with NAME/connector.toml or NAME.toml for each."""


@command.command(
    "sync",
    short_help="Synchronise every school once, then a summary.",
    epilog="Example: trackone fleet sync /srv/schools",
)
@_folder
@_only
@_queue
@click.option("--wait", default="4h", show_default=True, metavar="SPAN", help="With --queue: for how long at most.")
@click.option("--no-wait", is_flag=True, help="With --queue: ask for the round and go.")
@as_of
@_form
@click.pass_obj
def sync(
    edge: Edge,
    folder: Path,
    wanted: tuple[str, ...],
    queue: str,
    wait: str,
    *,
    no_wait: bool,
    as_of: str,
    form: str,
) -> None:
    """Synchronise every school once, one after the other; with --queue over all workers. Then a summary.

    One school's failure stops no other. Exit code 1 when one failed, 3 when the guard refused one.
    """
    from connector.bootstrap import system_clock
    from connector.fleet.schools import find_schools
    from connector.fleet.summary import round_line

    schools = find_schools(folder, wanted)
    _refuse_shared_stores(schools)
    _check_day(as_of)
    since = system_clock()
    if queue:
        attempts = _over_queue(schools, queue, since, as_of, None if no_wait else _seconds(wait))
        if no_wait:
            edge.say(f"{len(schools)} schools are in the queue.")
            return
    else:
        attempts = _in_turn(edge, schools, as_of)
    lines = [round_line(school, since, system_clock, attempts.get(school.name)) for school in schools]
    _show(edge, lines, form)
    _judge(lines)


@command.command(
    "work",
    short_help="Be a worker of the queue until told to stop.",
    epilog="Example: trackone fleet work /srv/schools --queue postgresql+psycopg://fleet@db/fleet",
)
@_folder
@_queue
@click.option("--name", default="", help="What this worker is called in the record; host and process, unless given.")
@click.option(
    "--dead-after",
    default="30s",
    show_default=True,
    metavar="SPAN",
    help="A worker that shows no life for so long is dead, and its school is given to another.",
)
@click.pass_obj
def work(edge: Edge, folder: Path, queue: str, name: str, dead_after: str) -> None:
    """Be a worker: take schools from the queue until told to stop (SIGTERM); a sync going on is finished first."""
    from connector.bootstrap import system_clock
    from connector.fleet.schools import find_schools
    from connector.report.notice import attempt_line

    if not queue:
        raise ConfigError("fleet work needs --queue", hint="Without a queue: trackone fleet sync FOLDER")
    from connector.fleet.one_school import sync_school
    from connector.fleet.queue import queue_at
    from connector.fleet.worker import Pace, run_worker

    who = name or f"{actor()}, pid {os.getpid()} on {socket.gethostname()}"

    def do(school: str, round_name: str, day: str) -> "Done":
        [found] = find_schools(folder, [school])
        return sync_school(found, who, system_clock, round_name, day)

    def tell(done: "Done") -> None:
        zone = system_clock().astimezone().tzinfo
        said = attempt_line(done.attempt, zone) if done.attempt and zone else "left to another worker"
        edge.say(f"{done.school}: {said}")
        for warning in done.warnings:
            click.echo(f"trackone: {done.school}: {warning}", err=True)

    find_schools(folder)
    waiting = queue_at(queue)
    edge.say(f"Waiting for schools as {who}.")
    run_worker(waiting, who, do, tell, Pace(_seconds(dead_after)))


@command.command(
    "status", short_help="How every school is.", epilog="Example: trackone fleet status /srv/schools --format json"
)
@_folder
@_only
@_form
@click.pass_obj
def status(edge: Edge, folder: Path, wanted: tuple[str, ...], form: str) -> None:
    """How every school is: its last sync, its last success, its students."""
    from connector.bootstrap import system_clock
    from connector.fleet.schools import find_schools
    from connector.fleet.summary import school_line

    _show(edge, [school_line(school, system_clock) for school in find_schools(folder, wanted)], form)


def _in_turn(edge: Edge, schools: Sequence["School"], as_of: str) -> dict[str, Any]:
    from connector.bootstrap import system_clock
    from connector.fleet.one_school import sync_school

    attempts: dict[str, Any] = {}
    with edge.progress() as progress:
        for number, school in enumerate(schools):
            progress(school.name, number, len(schools))
            done = sync_school(school, actor(), system_clock, as_of=as_of)
            attempts[school.name] = done.attempt
            for warning in done.warnings:
                click.echo(f"trackone: {school.name}: {warning}", err=True)
    return attempts


def _over_queue(
    schools: Sequence["School"], url: str, since: datetime, as_of: str, seconds: float | None
) -> dict[str, Any]:
    from connector.fleet.queue import queue_at, request_round, wait_for

    queue = queue_at(url)
    jobs = request_round(queue, [school.name for school in schools], since.isoformat(), as_of)
    if seconds is not None and not wait_for(queue, list(jobs.values()), seconds):
        click.echo("trackone: some schools are still waiting; the workers go on without this command", err=True)
    return {}


def _refuse_shared_stores(schools: Sequence["School"]) -> None:
    from connector.fleet.schools import refuse_shared_stores

    found = {}
    for school in schools:
        with suppress(ConnectorError):  # it is told in the summary; the others go on
            found[school.name] = school.settings(os.environ)
    refuse_shared_stores(found)


def _show(edge: Edge, lines: Sequence["SchoolLine"], form: str) -> None:
    from datetime import UTC

    from connector.bootstrap import system_clock
    from connector.report.fleet import fleet_json, fleet_text

    if form == "json":
        edge.write(fleet_json(lines))
    else:
        edge.say(fleet_text(lines, zone=system_clock().astimezone().tzinfo or UTC, **edge.look))


def _judge(lines: Sequence["SchoolLine"]) -> None:
    """Raise what the round comes to: GuardError where the guard refused all that is undone."""
    from connector.report.fleet import ENDING_WORDS

    endings = {line.school: line.health.last.ending for line in lines if line.health.last is not None}
    undone = {name: ending for name, ending in endings.items() if ending is not Ending.DONE}
    if not undone:
        return
    names = [f"{name} ({ENDING_WORDS[ending]})" for name, ending in undone.items()]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    words = f"{len(undone)} of {len(lines)} schools were not synchronised: {', '.join(names[:_NAMED])}{more}"
    raise GuardError(words) if set(undone.values()) == {Ending.REFUSED} else OperationError(words)


def _seconds(text: str) -> float:
    from connector.settings.value_kinds import read_span

    try:
        return read_span(text).total_seconds()
    except ValueError:
        raise ConfigError(f"{text}: not a span of time", hint='Write it as "30s", "10m" or "2h".') from None


def _check_day(as_of: str) -> None:
    try:
        datetime.fromisoformat(as_of or "2000-01-01")
    except ValueError:
        raise ConfigError(f"--as-of {as_of}: not a date", hint="Write it as 2026-02-27.") from None
