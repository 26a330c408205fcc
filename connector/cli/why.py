"""trackone why."""

import click

from connector.cli.edge import Edge
from connector.cli.options import as_of


@click.command(epilog="Example: trackone why S0123, or: trackone why asmith")
@click.argument("who", metavar="CODE_OR_USERNAME")
@as_of
@click.pass_obj
def command(edge: Edge, who: str, as_of: str) -> None:
    """Every step for one person: row, rules, names, link, change and why; then the last runs."""
    from connector.cli.why_text import why_text
    from connector.services.explain import explain

    with edge.progress() as progress:
        said = explain(edge.parts, who, edge.request(as_of, attended=True), progress)
    edge.write(why_text(said, **edge.look))
