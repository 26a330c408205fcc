"""Work that goes on: how far it is, and where it leads."""

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.console.context import console
from connector.console.gate import inside, unseen
from connector.console.work import Work

pages = Blueprint("watch", __name__)


def watch(work: Work) -> ResponseReturnValue:
    """To the page of a piece of work; its address tells where to go should the console lose the work."""
    return redirect(url_for("watch.page", work_id=work.id, back=work.back), 303)


@pages.get("/progress/<work_id>")
@unseen
def page(work_id: str) -> ResponseReturnValue:
    """How far the work is; when it is done, its result's page."""
    work = console().works.find(work_id)
    if work is None:
        return _lost()
    if work.ended and not work.failed:
        return redirect(work.leads_to, 303)
    return render_template("work.html", work=work), 200


@pages.get("/progress/<work_id>/state")
@unseen
def state(work_id: str) -> ResponseReturnValue:
    """The same for a script, which opens the page again where the work is not known any more."""
    work = console().works.find(work_id)
    if work is None:
        abort(404)
    leads_to = (url_for(".page", work_id=work_id) if work.failed else work.leads_to) if work.ended else ""
    return jsonify(phase=work.phase, done=work.done, total=work.total, leads_to=leads_to)


def _lost() -> ResponseReturnValue:
    """Work that ended with the console that did it: where it was begun they know what became of it."""
    back = inside(request.args.get("back", ""), "")
    if not back:
        abort(404, "This work is not known any more. Look at Runs for what was done.")
    return redirect(f"{back}{'&' if '?' in back else '?'}said=started-anew", 303)
