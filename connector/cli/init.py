"""trackone init."""

from pathlib import Path

import click

from connector.cli.edge import Edge


@click.command(epilog="Example: trackone init riverside --sis tass --directory active-directory")
@click.argument("directory", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--sis", default=None, metavar="PRESET", help="The SIS the export comes from (tass, synergetic ...).")
@click.option(
    "--directory",
    "kind",
    type=click.Choice(["active-directory", "openldap", "ldif"]),
    default=None,
    help="The school directory to compare with; ldif is an export of one.",
)
@click.pass_obj
def command(edge: Edge, directory: Path, sis: str | None, kind: str | None) -> None:
    """Lay down a commented connector.toml and a copy of the mappings; nothing existing is touched."""
    from connector.settings.starter import lay_down

    for path in lay_down(directory, sis=sis, directory_type=kind):
        edge.say(f"written: {path}")
    config = directory / "connector.toml"
    edge.say(f"\nRead {config}, put your export where [sis] path says, then: trackone -c {config} check")
    edge.say("Usernames begin as student codes. Which method your network's logins have: trackone suggest")
