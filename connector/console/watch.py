"""Work that goes on: how far it is, and where it leads."""

from flask import Blueprint, abort, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from connector.console.context import console
from connector.console.gate import unseen
from connector.console.work import Work

pages = Blueprint("watch", __name__)


@pages.get("/progress/<work_id>")
@unseen
def page(work_id: str) -> ResponseReturnValue:
    """How far the work is; when it is done, its result's page."""
    work = _found(work_id)
    if work.ended and not work.failed:
        return redirect(work.leads_to, 303)
    return render_template("work.html", work=work), 200


@pages.get("/progress/<work_id>/state")
@unseen
def state(work_id: str) -> ResponseReturnValue:
    """The same for a script."""
    work = _found(work_id)
    leads_to = (url_for(".page", work_id=work_id) if work.failed else work.leads_to) if work.ended else ""
    return jsonify(phase=work.phase, done=work.done, total=work.total, leads_to=leads_to)


def _found(work_id: str) -> Work:
    work = console().works.find(work_id)
    if work is None:
        abort(
            404,
            "This work is not known any more: the console was started anew since. Look at Runs for what was done.",
        )
    return work
