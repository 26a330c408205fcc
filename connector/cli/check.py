"""trackone check."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from connector.cli.edge import Edge
from connector.cli.options import as_of
from connector.domain.errors import ConfigError, GuardError, OperationError

if TYPE_CHECKING:
    from connector.services.checked import Checked


@click.command(epilog="Example: trackone check --connect")
@click.option("--connect", is_flag=True, help="Reach the SIS, the directory and the store as well.")
@as_of
@click.pass_obj
def command(edge: Edge, *, connect: bool, as_of: str) -> None:
    """Check connector.toml and the mapping file, run its examples; with --connect reach everything."""
    from connector.bootstrap import check_directory_form
    from connector.services.check import check_connections, check_examples
    from connector.services.checked import Checked

    settings = edge.settings
    check_directory_form(settings)
    checked = [Checked(str(settings.path), well=True, seen="loads")]
    checked += [Checked("note", well=True, seen=warning) for warning in settings.warnings]
    checked += check_examples(settings.rules)
    if connect:
        with edge.progress() as progress:
            checked += check_connections(edge.parts, edge.request(as_of, attended=True), progress)
    edge.say(_text(checked, **edge.look))
    _raise_worst([one.exit_code for one in checked if not one.well])


def _raise_worst(codes: "Sequence[int]") -> None:
    """End as a plan would: a wrong configuration comes before what cannot be reached, and that before the guard."""
    if ConfigError.exit_code in codes:
        raise ConfigError(f"{len(codes)} of the checks failed")
    if OperationError.exit_code in codes:
        raise OperationError("Not everything could be reached")
    if codes:
        raise GuardError("The guard would refuse this", hint="Look: trackone plan")


def _text(checked: "Sequence[Checked]", *, colour: bool, width: int) -> str:
    from connector.report.terminal import Line, Tone, laid_out

    lines: list[Line] = []
    for one in checked:
        seen, *notes = one.seen.splitlines()
        tone = Tone.PLAIN if one.well else Tone.BAD
        lines.append(Line(f"{'ok' if one.well else '! '}  {one.what}: {seen}", tone, hang=4))
        lines += [Line(f"note: {note}", indent=4, hang=2) for note in notes]
        lines += [Line(step, indent=4) for step in one.next_step.splitlines()]
    return laid_out(lines, colour=colour, width=width)
