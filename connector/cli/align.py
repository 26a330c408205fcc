"""trackone align."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.cli.edge import Edge
from connector.cli.options import as_of, by_suffix, output
from connector.domain.errors import ConnectorError, DirectoryError
from connector.domain.finding import Severity

if TYPE_CHECKING:
    from datetime import date

    from connector.domain.alignment import Alignment
    from connector.services.align import Aligned
    from connector.settings.values import DirectoryAttributes


_FILE = click.Path(path_type=Path, dir_okay=False)
FORMS = ["text", "json", "csv", "html", "xlsx"]


class FailOnError(ConnectorError):
    """--fail-on was met."""

    exit_code = 5


@click.command(epilog="Example: trackone align --format html -o alignment.html")
@click.option(
    "--format", "form", type=click.Choice(FORMS), help="How to show it; by the name of -o FILE where it says so."
)
@output
@click.option(
    "--fail-on", type=click.Choice([one.value for one in Severity]), help="Exit 5 at such findings or worse."
)
@click.option("--fix-csv", type=_FILE, help="Also write the changes to the directory that would put findings right.")
@click.option("--renames", type=_FILE, help="Also write the usernames that accounts import can make the logins.")
@click.option("--no-record", is_flag=True, help="Leave this alignment out of the trend.")
@as_of
@click.pass_obj
def command(
    edge: Edge,
    form: str | None,
    output: Path | None,
    fail_on: str | None,
    as_of: str,
    fix_csv: Path | None,
    renames: Path | None,
    *,
    no_record: bool,
) -> None:
    """Compare every username with the school directory: what does not fit, why, and what to do."""
    from connector.services.align import align_directory

    form = form or (by_suffix(output, FORMS) if output is not None else None) or "text"
    if form == "xlsx" and output is None:
        raise click.UsageError("--format xlsx needs -o FILE: it is no text")
    with edge.progress() as progress:
        aligned = align_directory(edge.parts, edge.request(as_of, attended=True), progress, keep=not no_record)
    document = shown(edge, aligned, form, edge.day(as_of))
    if form == "text" and output is None:
        edge.write(str(document))
    else:
        edge.hand_over(document, output)
    alignment = aligned.alignment
    _write_fixes(edge, alignment, fix_csv, renames)
    if not alignment.completeness.complete:
        raise DirectoryError(f"The directory was not read to its end: {alignment.completeness.reason}")
    worst = max((found.severity.rank for found in alignment.findings), default=-1)
    if fail_on is not None and worst >= Severity(fail_on).rank:
        raise FailOnError(f"--fail-on {fail_on}: there are such findings")


def _write_fixes(edge: Edge, alignment: "Alignment", fix_csv: Path | None, renames: Path | None) -> None:
    """The files of what to change on either side, where they are asked for."""
    from connector.report.fixes import fixes_csv, new_names_csv

    if fix_csv is not None:
        configured = edge.settings.directory
        names = _configured(configured.attributes) if configured else {}
        edge.hand_over("".join(fixes_csv(alignment.fixes, alignment.completeness.kind, names)), fix_csv)
    if renames is not None:
        edge.hand_over("".join(new_names_csv(alignment.new_names)), renames)


def _configured(names: "DirectoryAttributes") -> dict[str, str]:
    """The attributes that connector.toml names."""
    own = {"login": names.login, "key": names.key, "upn": names.upn}
    return {what: name for what, name in own.items() if name}


def shown(edge: Edge, aligned: "Aligned", form: str, as_of: "date") -> str | bytes:
    """The alignment in one of the formats."""
    alignment, school = aligned.alignment, edge.settings.school.name
    names, skips = aligned.names, aligned.skips
    if form == "json":
        from connector.report.alignment_json import alignment_json
        from connector.report.json_text import json_text

        return json_text(alignment_json(alignment, school, as_of)) + "\n"
    if form == "csv":
        from connector.report.alignment_csv import alignment_csv

        return "".join(alignment_csv(alignment, names=names))
    if form == "html":
        from connector.report.alignment_html import alignment_html

        return alignment_html(alignment, school, as_of, names=names, campuses=aligned.campuses, skips=skips)
    if form == "xlsx":
        from connector.report.alignment_xlsx import alignment_xlsx

        return alignment_xlsx(alignment, school, as_of, names=names, skips=skips)
    from connector.report.alignment_text import alignment_text

    return alignment_text(alignment, school, as_of, names=names, **edge.look)
