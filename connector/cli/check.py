"""trackone check."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from connector.cli.edge import Edge
from connector.cli.options import as_of
from connector.domain.errors import ConfigError, OperationError

if TYPE_CHECKING:
    from connector.services.checked import Checked


@click.command(epilog="Example: trackone check --connect")
@click.option("--connect", is_flag=True, help="Reach the SIS, the directory and the store as well.")
@as_of
@click.pass_obj
def command(edge: Edge, *, connect: bool, as_of: str) -> None:
    """Check connector.toml and the mapping file, run its examples; with --connect reach everything."""
    from connector.services.check import check_connections, check_examples
    from connector.services.checked import Checked

    settings = edge.settings
    checked = [Checked(str(settings.path), well=True, seen="loads")]
    checked += [Checked("note", well=True, seen=warning) for warning in settings.warnings]
    checked += check_examples(settings.rules)
    wrong_config = [one for one in checked if not one.well]
    if connect:
        with edge.progress() as progress:
            checked += check_connections(edge.parts, edge.request(as_of, attended=True), progress)
    edge.say(_text(checked, colour=edge.colour))
    if wrong_config:
        raise ConfigError(f"{len(wrong_config)} of the checks failed")
    if any(not one.well for one in checked):
        raise OperationError("not everything could be reached")


def _text(checked: "Sequence[Checked]", *, colour: bool) -> str:
    from connector.report.terminal import Line, Tone, laid_out

    lines: list[Line] = []
    for one in checked:
        seen, *notes = one.seen.splitlines()
        lines.append(Line(f"{'ok' if one.well else '! '}  {one.what}: {seen}", Tone.PLAIN if one.well else Tone.BAD))
        lines += [Line(f"note: {note}", indent=4) for note in notes]
        if one.next_step:
            lines.append(Line(one.next_step, indent=4))
    return laid_out(lines, colour=colour)
