"""trackone slips."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.cli.edge import ORIGIN, Edge, actor, write_private
from connector.domain.errors import ConfigError, OperationError

if TYPE_CHECKING:
    from connector.report.typeface import Typefaces
    from connector.services.slips import Printed, Recipient, Selection


@click.command(epilog="Example: trackone slips --run 12 --class 7A -o slips-7a.pdf")
@click.option("--run", "number", type=int, required=True, help="The run that created the accounts.")
@click.option("--class", "class_", default="", metavar="X", help="Only this home group or class of the SIS.")
@click.option("--per-page", type=click.Choice(["1", "8"]), default="8", show_default=True, help="Slips on a page.")
@click.option("--again", is_flag=True, help="Also for those who have a slip or a password; the old one ends.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The PDF to write."
)
@click.pass_obj
def command(edge: Edge, number: int, class_: str, per_page: str, output: Path, *, again: bool) -> None:
    """Set a one-time password for each new account of a run that nobody has used yet, and print them as slips.

    The PDF is the only copy: print it, hand it out, delete it. A password lasts 14 days and must be changed at the
    first sign-in. Whoever has a slip already gets no second one without --again.
    """
    import secrets

    from connector.credentials import typable_password, verifiers
    from connector.services.slips import issue, select

    _refuse_used(output)
    selection = select(edge.parts, number, class_.strip(), edge.request("", attended=True), again=again)
    faces = _faces(edge)
    selection = _readable(selection, faces)
    if not selection.recipients:
        raise OperationError(
            f"No slip to print: {_left_out(selection) or 'nobody is left'}",
            hint="Those who have a slip get another one with --again." if not again else "",
        )

    def hand_over(printed: "Sequence[Printed]") -> None:
        write_private(output, _pdf(edge, printed, faces, int(per_page)))

    def password() -> str:
        return typable_password(secrets.token_bytes)

    try:
        with edge.progress() as progress:
            printed = issue(edge.parts, selection, password, verifiers, hand_over, ORIGIN, actor(), progress)
    except BaseException:
        if output.is_file() and not output.is_symlink():
            output.unlink()  # its passwords hold nowhere
        raise
    _tell(edge, selection, printed, faces, output)


def _refuse_used(output: Path) -> None:
    """Never write over slips that may not be printed yet."""
    if output.is_file() and output.stat().st_size:
        raise ConfigError(f"{output} is there already", hint="Choose another name with -o, or delete it first.")


def _faces(edge: Edge) -> "Typefaces":
    from connector.report.typeface import Typefaces, system_folders

    own = edge.settings.slips.fonts
    if own is not None and not own.is_dir():
        raise ConfigError(f"[slips] fonts: {own} is not a folder", hint="Name a folder with .ttf or .otf files.")
    return Typefaces([*([own] if own else []), *system_folders()])


def _readable(selection: "Selection", faces: "Typefaces") -> "Selection":
    """Without those whose username no font of this machine shows: they could not type it."""
    from dataclasses import replace

    unreadable = [one for one in selection.recipients if faces.missing(one.account.username)]
    if not unreadable:
        return selection
    kept = tuple(one for one in selection.recipients if one not in unreadable)
    return replace(
        selection, recipients=kept, left_out={**selection.left_out, "no font shows the username": len(unreadable)}
    )


def _pdf(edge: Edge, printed: "Sequence[Printed]", faces: "Typefaces", per_page: int) -> bytes:
    from connector.report.slips import Slip, Texts, slips_pdf
    from connector.services.slips import until

    now = edge.parts.clock()
    texts = Texts(edge.settings.school.name, edge.settings.slips.address, until(now).astimezone().date())
    slips = [
        Slip(_name(one.recipient, faces), one.recipient.account.username, one.password, one.recipient.group)
        for one in printed
    ]
    return slips_pdf(slips, texts, faces, per_page=per_page, made=now)


def _name(recipient: "Recipient", faces: "Typefaces") -> str:
    """The person's name; the SIS code where no font shows it."""
    from connector.report.changes import person

    name = person(recipient.account)
    return name if name and not faces.missing(name) else recipient.account.sis_code or recipient.account.username


def _left_out(selection: "Selection") -> str:
    return "; ".join(f"{count:,} {reason}" for reason, count in selection.left_out.items())


def _tell(edge: Edge, selection: "Selection", printed: "Sequence[Printed]", faces: "Typefaces", output: Path) -> None:
    from connector.report.changes import person
    from connector.report.sentences import many

    edge.say(f"{many(len(printed), 'slip')} in {output}. It is the only copy: print it, then delete it.")
    if selection.left_out:
        edge.say(f"No slip: {_left_out(selection)}.")
    if selection.note:
        edge.say(f"Note: {selection.note}")
    nameless = [one.recipient.account for one in printed if faces.missing(person(one.recipient.account))]
    if nameless:
        codes = ", ".join(one.sis_code or one.username for one in nameless[:20])
        edge.say(
            f"Note: no font here shows the name of {codes}: the slip has the SIS code. Put a font into [slips] fonts."
        )
    network = sum(not one.recipient.account.override_network_authentication for one in printed)
    if network:
        edge.say(
            f"Note: {network:,} of them sign in with their network password while TrackOne asks the network; the "
            "slip then counts only with Override Network Authentication."
        )
