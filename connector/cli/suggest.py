"""trackone suggest."""

from typing import TYPE_CHECKING

import click

from connector.cli.edge import Edge
from connector.cli.options import as_of
from connector.domain.errors import DirectoryError, OperationError

if TYPE_CHECKING:
    from connector.planning.suggestion import Suggestion
    from connector.services.suggest import Suggested
    from connector.settings.mapping_edit import Written
    from connector.settings.toml_edit import Edit


@click.command(epilog="Example: trackone suggest, then: trackone suggest --write")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--write", is_flag=True, help="Write the rules found into the mapping file; its previous copy is kept.")
@as_of
@click.pass_obj
def command(edge: Edge, form: str, *, write: bool, as_of: str) -> None:
    """Find the username method the school network uses: every method, affix, case and length is tried.

    Tried on the logins of active students whose directory entry holds their SIS code. Only --write writes.
    """
    from connector.services.suggest import suggest_rules

    with edge.progress() as progress:
        suggested = suggest_rules(edge.parts, edge.request(as_of, attended=True), progress)
    if form == "json":
        edge.hand_over(_as_json(suggested))
    else:
        edge.write(_as_text(edge, suggested, writes=write))
    read = suggested.completeness
    if not read.complete:
        raise DirectoryError(f"The directory was not read to its end: {read.reason}; nothing was written")
    if write:
        _write(edge, suggested.suggestion, aloud=form == "text")


def _as_json(suggested: "Suggested") -> str:
    from connector.report.json_text import json_text
    from connector.report.suggest_json import suggest_json

    return json_text(suggest_json(suggested.suggestion)) + "\n"


def _as_text(edge: Edge, suggested: "Suggested", *, writes: bool) -> str:
    from connector.report.suggest_text import suggest_text

    return suggest_text(
        suggested.suggestion,
        students=suggested.students,
        shared=suggested.shared,
        file=edge.settings.rules.path,
        names=suggested.names,
        writes=writes,
        **edge.look,
    )


def _write(edge: Edge, suggestion: "Suggestion", *, aloud: bool) -> None:
    """Write the best rules found, and say what was written."""
    from pathlib import Path

    from connector.settings.mapping_edit import write_mapping

    settings = edge.settings
    edit = _edit(suggestion, settings.rules.path)
    if edit is None:
        return
    written = write_mapping(
        Path(settings.rules.path),
        edit,
        edge.parts.clock(),
        state=settings.school.state,
        known_roles=settings.store.roles,
    )
    if aloud:
        edge.say(_done(edit, written, **edge.look))


def _edit(suggestion: "Suggestion", file: str) -> "Edit | None":
    """What is to be written; None where the file says it already. Raises OperationError where nothing fits."""
    from connector.planning.suggest_keys import keys_to_write, rules_to_write
    from connector.settings.toml_edit import Edit

    configured, mixture = suggestion.current.rules, suggestion.mixture
    if suggestion.settled:
        return None
    if mixture is not None:
        if configured.overrides:
            raise OperationError(
                f"{file} has [[usernames.rule]] of its own, which would count before new ones; nothing was written",
                hint="Write the rules shown by hand in the place of the old ones.",
            )
        newest = mixture.parts[0].candidate.rules
        return Edit({"usernames": keys_to_write(newest, configured)}, rules_to_write(mixture))
    if suggestion.choice is None:
        raise OperationError(
            "No method gives most of the network logins; nothing was written", hint="Look at: trackone suggest"
        )
    return Edit({"usernames": keys_to_write(suggestion.choice.rules, configured)})


def _done(edit: "Edit", written: "Written", *, colour: bool, width: int) -> str:
    from connector.mapping.mapper import run_example
    from connector.report.suggest_words import toml_lines
    from connector.report.terminal import Line, Tone, laid_out

    rules = written.rules
    lines = [Line(f"\nWritten to {rules.path}:", Tone.STRONG)]
    for section, keys in edit.sections.items():
        lines += [Line(line, indent=4) for line in (f"[{section}]", *toml_lines(dict(keys)))]
    for rule in edit.username_rules:
        lines += [Line(line, indent=4) for line in ("[[usernames.rule]]", *toml_lines(dict(rule)))]
    lines.append(Line(f"The previous copy: {written.previous}", Tone.MUTED))
    failing = [example.place.rpartition(": ")[2] for example in rules.examples if run_example(example, rules)]
    if failing:
        lines.append(Line(f"It expects something else in {', '.join(failing)}: correct what is expected there."))
    lines.append(Line("\nWhat changes: trackone check && trackone plan"))
    return laid_out(lines, colour=colour, width=width)
