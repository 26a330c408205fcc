"""trackone sync."""

import logging

import click

from connector.cli.edge import ORIGIN, Edge, actor
from connector.cli.options import CodesCommand, accept, as_of
from connector.domain.errors import GuardError

log = logging.getLogger(__name__)


@click.command(
    cls=CodesCommand, epilog="Example, for a scheduler: trackone -c /etc/trackone/connector.toml --quiet sync"
)
@click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing.")
@as_of
@accept
@click.pass_obj
def command(edge: Edge, *, dry_run: bool, as_of: str, accept: tuple[str, ...]) -> None:
    """Plan and apply in one go; the guard still stops it (exit code 3), and then nothing is written."""
    from connector.cli.apply import look_and_undo
    from connector.cli.plan import refusals, shown
    from connector.report.sentences import done_sentence
    from connector.services.plan import make_plan
    from connector.services.sync import sync

    request = edge.request(as_of, attended=False, accept=accept)
    with edge.progress() as progress:
        if dry_run:
            plan, run = make_plan(edge.parts, request, progress), None
        else:
            run, plan = sync(edge.parts, request, ORIGIN, actor(), progress)
    if dry_run or plan.refused:
        edge.say(shown(edge, plan, "text", edge.then("sync")))
    if plan.refused:
        log.warning("the guard refused the run: %s", " ".join(line.code for line in plan.refused))
        raise GuardError(
            f"The guard refused this run; nothing was written\n  {refusals(plan)}", hint=f"Look: {edge.then('plan')}"
        )
    if run is not None:
        log.info("run %d done", run)
        edge.say(f"Run {run}. {done_sentence(plan.counts)}")
        if plan.changes:
            edge.say(look_and_undo(edge, run))
