"""trackone apply."""

import logging
from pathlib import Path

import click

from connector.cli.edge import ORIGIN, Edge, actor, read_text
from connector.cli.options import CodesCommand, accept
from connector.services.apply import Applied

log = logging.getLogger(__name__)


@click.command(cls=CodesCommand, epilog="Example: trackone apply plan.json")
@click.argument("plan_file", metavar="PLAN", type=click.Path(path_type=Path))
@click.option("--apply-rest", is_flag=True, help="Leave out the rows that drifted, apply the others.")
@accept
@click.pass_obj
def command(edge: Edge, plan_file: Path, *, apply_rest: bool, accept: tuple[str, ...]) -> None:
    """Do exactly what a plan file says, in one step that happens whole or not at all.

    A plan that was changed, has expired or no longer fits the store is refused (exit code 4).
    """
    from connector.planning.plan_file import unseal
    from connector.services.apply import apply_plan

    plan = unseal(read_text(plan_file, "plan"), edge.parts.store.plan_key(), str(plan_file))
    with edge.progress() as progress:
        done = apply_plan(edge.parts, plan, ORIGIN, actor(), accept=accept, rest=apply_rest, progress=progress)
    tell(edge, done)


def tell(edge: Edge, done: Applied) -> None:
    """Say what was done, which rows were left, and how to undo it."""
    if done.already:
        edge.say(f"Already applied as run {done.run}; nothing was done.")
        return
    log.info("run %d: %d changes applied, %d rows left", done.run, done.done, len(done.drifted))
    changes = "1 change" if done.done == 1 else f"{done.done:,} changes"
    edge.say(f"Run {done.run}: {changes} applied.")
    for drift in done.drifted:
        edge.say(f"  left: {drift.change.sis_code or drift.change.username}: {drift.why}")
    if done.done:
        edge.say(look_and_undo(edge, done.run))


def look_and_undo(edge: Edge, run: int) -> str:
    """How to see what a run changed, and how to take it back."""
    return f"Look at it: {edge.then('runs', 'show', str(run))}\nUndo it: {edge.then('runs', 'undo', str(run))}"
