"""trackone plan."""

from pathlib import Path

import click

from connector.cli.edge import Edge, write_private
from connector.cli.options import CodesCommand, accept, as_of, by_suffix, output
from connector.domain.errors import GuardError
from connector.domain.plan import Plan

FORMS = ["text", "json", "csv", "html"]
EXAMPLE = "Example: trackone plan -o plan.json, then read it, then: trackone apply plan.json"


@click.command(cls=CodesCommand, epilog=EXAMPLE)
@output
@click.option("--format", "form", type=click.Choice(FORMS), default=None, help="How to show it.")
@as_of
@accept
@click.pass_obj
def command(edge: Edge, output: Path | None, form: str | None, as_of: str, accept: tuple[str, ...]) -> None:
    """Read, map, correlate, compare, and show what a sync would do. Nothing is written but the plan file.

    With -o FILE the signed plan is written there (for `apply`), or the report when another --format is given.
    """
    from connector.services.plan import make_plan

    form = form or (by_suffix(output, FORMS) if output is not None else None)
    with edge.progress() as progress:
        plan = make_plan(edge.parts, edge.request(as_of, attended=True, accept=accept), progress)
    if output is not None and form in (None, "json"):
        write_private(output, sealed(edge, plan))
        edge.say(shown(edge, plan, "text", edge.then("apply", str(output))))
    elif output is None and form in (None, "text"):
        edge.write(shown(edge, plan, "text"))
    else:
        edge.hand_over(shown(edge, plan, form or "text"), output)
    if plan.refused:
        raise GuardError(f"The guard refuses this plan; nothing was written to the store\n  {refusals(plan)}")


def sealed(edge: Edge, plan: Plan) -> str:
    """The text of the signed plan file, which people read too: nothing in it acts on their terminal."""
    from connector.planning.plan_file import seal
    from connector.report.json_text import escaped

    return escaped(seal(plan, edge.parts.store.plan_key()))


def refusals(plan: Plan) -> str:
    """Each refusal of the guard by its code, with its numbers or its cause."""
    from connector.report.sentences import guard_fact

    return "; ".join(f"{line.code}: {guard_fact(line)}" for line in plan.refused)


def shown(edge: Edge, plan: Plan, form: str, apply_it: str = "") -> str:
    """The plan in one of the formats; `apply_it` is the command that does it."""
    if form == "json":
        return sealed(edge, plan)
    if form == "csv":
        from connector.report.plan_csv import plan_csv

        return "".join(plan_csv(plan))
    if form == "html":
        from connector.report.plan_html import plan_html

        return plan_html(plan, edge.settings.school.name, names=plan.names)
    from connector.report.plan_text import plan_text

    apply_it = apply_it or f"{edge.then('plan', '-o', 'plan.json')}, then {edge.then('apply', 'plan.json')}"
    return plan_text(plan, command=apply_it, names=plan.names, **edge.look)
