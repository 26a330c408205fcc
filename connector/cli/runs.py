"""trackone runs."""

import click

from connector.cli.apply import tell
from connector.cli.edge import ORIGIN, Edge, actor, confirmed
from connector.domain.errors import StoreError


@click.group(name="runs", invoke_without_command=True, epilog="Example: trackone runs undo 12")
@click.pass_context
def command(ctx: click.Context) -> None:
    """The history of runs; `undo` puts back what a run changed, except where somebody went on since."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_runs)


@command.command("list", epilog="Example: trackone runs list --format json")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def list_runs(edge: Edge, form: str = "text") -> None:
    """All runs, the newest first."""
    from connector.report.json_text import json_text
    from connector.report.runs import runs_json, runs_text

    runs = edge.parts.store.runs()
    if form == "json":
        edge.hand_over(json_text(runs_json(runs)) + "\n")
    else:
        edge.write(runs_text(runs, zone=edge.zone, **edge.look))


@command.command("show", epilog="Example: trackone runs show 12 --format json")
@click.argument("number", type=int)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def show(edge: Edge, number: int, form: str) -> None:
    """One run with each of its changes."""
    from connector.report.json_text import json_text
    from connector.report.runs import run_json, run_text

    store = edge.parts.store
    run = next((one for one in store.runs() if one.number == number), None)
    if run is None:
        raise StoreError(f"There is no run {number}", hint="List them: trackone runs list")
    outcomes = store.outcomes(number)
    if form == "json":
        edge.hand_over(json_text(run_json(run, outcomes)) + "\n")
    else:
        edge.write(run_text(run, outcomes, zone=edge.zone, **edge.look))


@command.command("undo", epilog="Example: trackone runs undo 12, then the same with --apply")
@click.argument("number", type=int)
@click.option("--apply", is_flag=True, help="Do it without asking.")
@click.pass_obj
def undo(edge: Edge, number: int, *, apply: bool) -> None:
    """Show the inverse of a run, then apply it; rows touched since are left as they are and named."""
    from connector.report.plan_text import plan_text
    from connector.services.apply import apply_plan
    from connector.services.undo import undo_plan

    plan = undo_plan(edge.parts, number)
    edge.say(plan_text(plan, command="" if apply else edge.again, **edge.look))
    if plan.changes and confirmed(f"Undo run {number} now?", apply=apply):
        with edge.progress() as progress:
            tell(edge, apply_plan(edge.parts, plan, ORIGIN, actor(), command="undo", progress=progress))
        edge.say("The next sync decides anew: correct the export or the rules first, or it does the same again.")
