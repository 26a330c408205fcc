"""Who may sign in to the console, and what was done in it."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.console.context import console, visitor
from connector.console.gate import audit
from connector.console.sign_in import INVITATION_HOLDS, invite
from connector.domain.console import Role
from connector.mapping.keys import case_key

LINES = 100

pages = Blueprint("administrators", __name__)


@pages.get("/administrators")
def index() -> ResponseReturnValue:
    """Everybody who may sign in with a password of their own."""
    return _list()


@pages.post("/administrators/invite")
def send_invitation() -> ResponseReturnValue:
    """Make a one-time link for somebody; it is shown once."""
    wanted = request.form.get("role", "")
    if wanted not in Role.__members__.values():
        abort(400)
    role = Role(wanted)
    secret = invite(role, visitor().name)
    audit("invite", role)
    return _list(link=url_for("sign_in.join", secret=secret, _external=True), role=role)


@pages.post("/administrators/remove")
def remove() -> ResponseReturnValue:
    """Remove an administrator; never oneself, so that one always stays."""
    name = request.form.get("name", "")
    if case_key(name) == case_key(visitor().name):
        abort(400, "You cannot remove yourself. Another operator can.")
    console().record.drop_administrator(name)
    audit("remove administrator", name)
    return redirect(url_for(".index", said="removed"), 303)


@pages.get("/audit")
def log() -> ResponseReturnValue:
    """What was done in the console, the newest first."""
    text = request.args.get("before", "")
    before = int(text) if text.isdecimal() and len(text) < 10 else None
    lines = console().record.audit_lines(LINES, before)
    older = lines[-1][0] if len(lines) == LINES else None
    return render_template("audit.html", lines=[line for _number, line in lines], older=older, newest=before is None)


def _list(link: str = "", role: str = "") -> str:
    people = console().record.administrators()
    hours = int(INVITATION_HOLDS.total_seconds() // 3600)
    return render_template("administrators.html", people=people, link=link, role=role, hours=hours)
