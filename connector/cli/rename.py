"""trackone rename."""

import click

from connector.cli.apply import tell
from connector.cli.edge import ORIGIN, Edge, actor, confirmed
from connector.cli.options import as_of


@click.command(epilog="Example: trackone rename S0123 S0124, then the same with --apply")
@click.argument("codes", metavar="CODE...", nargs=-1, required=True)
@click.option("--apply", is_flag=True, help="Do it without asking.")
@click.option("--anyway", is_flag=True, help="Rename even away from the student's own network login.")
@as_of
@click.pass_obj
def command(edge: Edge, codes: tuple[str, ...], *, apply: bool, anyway: bool, as_of: str) -> None:
    """Show, then apply, the username that mapping now proposes for these students."""
    from connector.report.plan_text import plan_text
    from connector.services.apply import apply_plan
    from connector.services.rename import rename_plan

    with edge.progress() as progress:
        plan = rename_plan(edge.parts, codes, edge.request(as_of, attended=True), progress, anyway=anyway)
        edge.say(plan_text(plan, command="" if apply else edge.again, **edge.look))
    if plan.changes and confirmed("Rename now?", apply=apply):
        with edge.progress() as progress:
            tell(edge, apply_plan(edge.parts, plan, ORIGIN, actor(), command="rename", progress=progress))
