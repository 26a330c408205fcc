"""Runs: what was done to the accounts, by whom and from where; one run with each change, and its undo."""

from itertools import groupby, islice

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from connector.console.context import console, visitor
from connector.console.pager import Pager
from connector.console.watch import watch
from connector.console.words import day
from connector.console.work import Work
from connector.domain.plan import Action
from connector.domain.ports import Progress
from connector.domain.run import Run
from connector.report.changes import what
from connector.report.runs import deed_sentence
from connector.services.undo import undo_plan

SIZE = 50
CHANGES = 50

pages = Blueprint("history", __name__)


@pages.get("/runs")
def index() -> ResponseReturnValue:
    """The runs by day, the newest first."""
    record = console().record
    pager = Pager.asked(SIZE).of(record.run_total())
    shown = list(islice(record.newest_runs(pager.start), SIZE))
    days = [(name, list(some)) for name, some in groupby(shown, key=lambda run: day(run.started_at))]
    return render_template(
        "runs.html", days=days, pager=pager, undone=record.undone_by([run.number for run in shown]), origin=origin
    )


@pages.get("/runs/<int:number>")
def show(number: int) -> ResponseReturnValue:
    """One run with its changes."""
    store = console().school.parts.store
    run = _run(number)
    pager = Pager.asked(CHANGES).of(sum(run.counts.get(action, 0) for action in Action))
    outcomes = list(islice(store.outcomes(number, pager.start), CHANGES))
    return render_template(
        "run.html",
        run=run,
        sentence=deed_sentence(run),
        outcomes=outcomes,
        pager=pager,
        undone=console().record.undone_by([number]).get(number),
        origin=origin,
        what=what,
    )


@pages.post("/runs/<int:number>/undo")
def undo(number: int) -> ResponseReturnValue:
    """Show what undoing the run would do; a preview like any other."""
    run = _run(number)
    parts, previews, owner = console().school.parts, console().previews, visitor().name
    back = url_for(".show", number=number)

    def plan(_work: Work, progress: Progress) -> str:
        progress("Looking at what the run changed", 0, None)
        return f"/preview/{previews.put(undo_plan(parts, run.number), 'undo', owner, back)}"

    work = console().works.begin(f"undo {number} {owner}", owner, f"Undo of run {number}", back, plan)
    return watch(work)


def origin(run: Run) -> str:
    """From where a run came, in a word."""
    words = {"cli": "command line", "console": "console", "schedule": "schedule"}
    return words.get(run.origin, run.origin.replace("scim:", "SCIM client "))


def _run(number: int) -> Run:
    run = console().record.run(number)
    if run is None:
        abort(404, f"There is no run {number}.")
    return run
