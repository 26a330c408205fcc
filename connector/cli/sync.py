"""trackone sync."""

import os
from typing import TYPE_CHECKING

import click

from connector.cli.edge import ORIGIN, Edge, actor
from connector.cli.options import CodesCommand, accept, as_of
from connector.domain.errors import GuardError
from connector.domain.plan import Plan

if TYPE_CHECKING:
    from connector.services.attend import Ended
    from connector.services.decision import Request


@click.command(
    cls=CodesCommand, epilog="Example, for a scheduler: trackone -c /etc/trackone/connector.toml --quiet sync"
)
@click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing.")
@as_of
@accept
@click.pass_obj
def command(edge: Edge, *, dry_run: bool, as_of: str, accept: tuple[str, ...]) -> None:
    """Plan and apply in one go; the guard still stops it (exit code 3), and then nothing is written."""
    request = edge.request(as_of, attended=False, accept=accept)
    if dry_run:
        _show(edge, request)
    else:
        _do(edge, request)


def _show(edge: Edge, request: "Request") -> None:
    from connector.cli.plan import shown
    from connector.services.plan import make_plan

    with edge.progress() as progress:
        plan = make_plan(edge.parts, request, progress)
    edge.say(shown(edge, plan, "text", edge.then("sync")))
    _refuse(edge, plan)


def _do(edge: Edge, request: "Request") -> None:
    from connector.bootstrap import build_operation
    from connector.cli.apply import look_and_undo
    from connector.cli.plan import shown
    from connector.report.notice import findings_words
    from connector.report.sentences import done_sentence
    from connector.services.attend import attend

    operation = build_operation(edge.settings, os.environ, edge.anywhere)
    with edge.progress() as progress:
        ended = attend(edge.parts, operation, request, ORIGIN, actor(), progress)
    warn(ended)
    if ended.error is not None:
        raise ended.error
    plan, run = ended.plan, ended.attempt.run
    assert plan is not None  # noqa: S101 - there is one where no error stopped it
    if plan.refused:
        edge.say(shown(edge, plan, "text", edge.then("sync")))
        _refuse(edge, plan)
    edge.say(f"Run {run}. {done_sentence(plan.counts)}")
    if words := findings_words(ended.attempt):
        edge.say(f"{words}. See: {edge.then('plan')}")
    if plan.changes and run is not None:
        edge.say(look_and_undo(edge, run))


def warn(ended: "Ended") -> None:
    """Say what went wrong beside a sync: a notice that could not be delivered, a report that could not be kept."""
    for warning in ended.warnings:
        click.echo(f"trackone: {warning}", err=True)


def _refuse(edge: Edge, plan: Plan) -> None:
    """Raise GuardError for what the guard refused and nobody accepted."""
    from connector.cli.plan import refusals

    if plan.refused:
        raise GuardError(
            f"The guard refused this run; nothing was written\n  {refusals(plan)}", hint=f"Look: {edge.then('plan')}"
        )
