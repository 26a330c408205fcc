"""trackone demo."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.cli.edge import ORIGIN, Edge, actor, write_private

if TYPE_CHECKING:
    from connector.demo.school import School
    from connector.domain.plan import Plan
    from connector.services.align import Aligned

FOLDER = Path("demo-school")


@click.command(epilog="Example: trackone demo riverside --students 300")
@click.argument("directory", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), default=FOLDER)
@click.option("--students", type=int, default=600, show_default=True, help="How many students the school has.")
@click.option("--serve", is_flag=True, help="Then open the console and the SCIM endpoint on it.")
@click.pass_obj
def command(edge: Edge, directory: Path, students: int, *, serve: bool) -> None:
    """Build an invented school in DIR and run the whole path on it: import, check, plan, apply, align.

    The second time nothing changes: everything is as the first run left it.
    """
    from connector.demo.school import build_school

    school = build_school(directory, students=students)
    there = Edge(school.config, quiet=edge.quiet, verbose=False, log_json=False)
    there.say(f"An invented school lies in {directory}: SIS export, directory export, TrackOne accounts, rules.\n")
    _import_once(there, school)
    _check(there)
    plan = _plan_and_apply(there, directory)
    aligned = _align(there, directory)
    _summary(there, directory, school, plan, aligned)
    _open(there, directory, serve=serve)


def _import_once(edge: Edge, school: "School") -> None:
    """Bring in the accounts that TrackOne has already, on the first run."""
    from connector.cli.edge import read_text
    from connector.services.account_file import read_accounts
    from connector.services.accounts import import_plan
    from connector.services.apply import apply_plan

    if edge.parts.store.runs():
        return
    edge.say("1. The accounts the TrackOne site has already: trackone accounts import accounts.csv --apply")
    rows = read_accounts(read_text(school.accounts, "file of accounts"), str(school.accounts))
    with edge.progress() as progress:
        plan = import_plan(edge.parts, rows)
        done = apply_plan(edge.parts, plan, ORIGIN, actor(), command="accounts import", progress=progress)
    edge.say(f"   {done.done} accounts are in.\n")


def _check(edge: Edge) -> None:
    from connector.services.check import check_connections, check_examples

    edge.say("2. Is the configuration right, can everything be read? trackone check --connect")
    with edge.progress() as progress:
        checked = [*check_examples(edge.settings.rules)]
        checked += check_connections(edge.parts, edge.request("", attended=True), progress)
    for one in checked:
        edge.say(f"   {'ok' if one.well else '! '} {one.what}: {one.seen.splitlines()[0]}")
    edge.say("")


def _plan_and_apply(edge: Edge, directory: Path) -> "Plan":
    from connector.cli.plan import sealed, shown
    from connector.report.sentences import plan_sentence
    from connector.services.apply import apply_plan
    from connector.services.plan import make_plan

    edge.say("3. What would a sync do? trackone plan -o plan.json")
    with edge.progress() as progress:
        plan = make_plan(edge.parts, edge.request("", attended=True), progress)
    write_private(directory / "plan.json", sealed(edge, plan))
    if plan.changes:
        write_private(directory / "plan.html", shown(edge, plan, "html"))
    edge.say(f"   {plan_sentence(plan)}\n")
    if not plan.changes:
        edge.say("4. Nothing to apply.\n")
        return plan
    edge.say("4. Do exactly that: trackone apply plan.json")
    with edge.progress() as progress:
        done = apply_plan(edge.parts, plan, ORIGIN, actor(), progress=progress)
    take_back = edge.then("runs", "undo", str(done.run))
    edge.say(f"   Run {done.run}: {done.done} changes applied. Take it back: {take_back}\n")
    return plan


def _align(edge: Edge, directory: Path) -> "Aligned":
    from connector.cli.align import shown
    from connector.report.sentences import alignment_sentence
    from connector.services.align import align_directory

    edge.say("5. Do the usernames fit the school network? trackone align --format html -o alignment.html")
    parts = edge.parts
    again = parts.alignments is not None and bool(parts.alignments.alignments(parts.scope, 1))
    with edge.progress() as progress:
        aligned = align_directory(parts, edge.request("", attended=True), progress, keep=not again)
    document = shown(edge, aligned, "html", edge.day(""))
    write_private(directory / "alignment.html", document)
    edge.say(f"   {alignment_sentence(aligned.alignment)}\n")
    return aligned


def _summary(edge: Edge, directory: Path, school: "School", plan: "Plan", aligned: "Aligned") -> None:
    from connector.report.demo import demo_summary
    from connector.report.findings import attention
    from connector.report.glossary import Who

    alignment = aligned.alignment
    waiting = attention(alignment.findings)
    worth_a_look = next((one.sis_code for one in alignment.findings if one.code == "username-differs"), None)
    edge.say(
        demo_summary(
            edge.settings.school.name,
            school.as_of,
            students=int(plan.inputs["sis"]["rows"]),
            counts=plan.counts,
            compared=alignment.students,
            matched=alignment.matched,
            office=waiting.get(Who.OFFICE, 0),
            network=waiting.get(Who.NETWORK, 0),
            trackone=waiting.get(Who.TRACKONE, 0),
            report=str(directory / "alignment.html"),
            why=edge.then("why", worth_a_look or "CODE"),
            **edge.look,
        )
    )


def _open(edge: Edge, directory: Path, *, serve: bool) -> None:
    """Serve the school, or say how it is opened in a browser."""
    if not serve:
        command = edge.command("demo", str(directory), "--serve")
        edge.say(f"Open it in a browser: {command}, then http://127.0.0.1:{edge.settings.console.port}/")
        return
    from connector.cli.serve import serve_both

    edge.say("")
    serve_both(edge)
