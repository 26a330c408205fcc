"""Signing in and out, and becoming an administrator through a one-time link."""

from datetime import datetime, timedelta
from math import ceil

from flask import Blueprint, Flask, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from connector.console.context import console, visitor
from connector.console.gate import any_role, anybody, audit, inside, remember
from connector.console.visitor import key_of
from connector.credentials import password_verifier
from connector.credentials.verify import check
from connector.domain.console import Administrator, Failures, Invitation, Role, Session
from connector.domain.errors import DirectoryError
from connector.mapping.keys import case_key
from connector.report.sentences import many

SHORTEST = 12
"""A password of one's own has at least so many characters (NIST SP 800-63B-4 asks for 8, 15 without a second factor;
the console adds waiting times)."""
LONGEST = 1024
FORGET = timedelta(minutes=15)
FREE_TRIES = 5
FREE_TRIES_OF_AN_ADDRESS = 20
FIRST_WAIT = timedelta(seconds=30)
INVITATION_HOLDS = timedelta(hours=24)

pages = Blueprint("sign_in", __name__)


@pages.get("/sign-in")
@anybody
def page() -> ResponseReturnValue:
    """The sign-in card."""
    if visitor().session is not None:
        return redirect(_next(request.args.get("next", "")))
    return _card()


@pages.post("/sign-in")
@anybody
def send() -> ResponseReturnValue:
    """Sign in, unless too many tries went wrong lately."""
    name, password = request.form.get("name", "").strip()[:200], request.form.get("password", "")[:LONGEST]
    keys = [f"name {case_key(name)}", f"address {visitor().address}"]
    wait = _wait(console().record.failures(keys), console().clock())
    if wait:
        audit("sign in", result="refused: too many tries", who=_known(name))
        return _locked(wait)
    console().record.count_failure(keys, console().clock(), console().clock() - FORGET)
    try:
        role = _role(name, password)
    except DirectoryError as error:
        audit("sign in", result=f"failed: {error.message}", who=_known(name))
        return _card(name=name, wrong="The directory cannot be asked at the moment. Try again later."), 503
    if role is None:
        audit("sign in", result="refused: wrong name or password", who=_known(name))
        return _card(name=name, wrong="The name or the password is not right."), 401
    console().record.forget_failures(keys)
    audit("sign in", who=name)
    return _signed_in(name, role, _next(request.form.get("next", "")))


@pages.post("/sign-out")
@any_role
def leave() -> ResponseReturnValue:
    """Sign out."""
    session = visitor().session
    if session is not None:
        audit("sign out")
        console().record.end_session(session.key)
    response = redirect(url_for("sign_in.page", said="left"), 303)
    remember(response, console().token())
    return response


@pages.get("/join/<secret>")
@anybody
def join(secret: str) -> ResponseReturnValue:
    """The form behind a one-time link."""
    return _join_card(_invitation(secret))


@pages.post("/join/<secret>")
@anybody
def send_join(secret: str) -> ResponseReturnValue:
    """Become an administrator; the link is used up."""
    invitation = _invitation(secret)
    name = " ".join(request.form.get("name", "").split())
    password, again = request.form.get("password", ""), request.form.get("again", "")
    wrong = _fault(name, password, again)
    if wrong:
        return _join_card(invitation, name, wrong), 400
    one = Administrator(name, invitation.role, password_verifier(password), console().clock())
    if not console().record.join(invitation.key, one):
        abort(404, "This link was used already, or is too old.")
    audit("become an administrator", name, f"done: {invitation.role}, invited by {invitation.by}", who=name)
    return _signed_in(name, one.role, "/")


def invite(role: Role, by: str) -> str:
    """Keep an invitation and return its secret, which is told once."""
    secret = console().token()
    holds = console().clock() + INVITATION_HOLDS
    console().record.invite(Invitation(key_of(secret), role, by, holds))
    return secret


def first_link(app: Flask, address: str, *, always: bool = False) -> str:
    """A one-time link for an operator while there is no administrator yet, or always; else nothing."""
    with app.app_context():
        if not always and (console().record.administrators() or console().settings.operators):
            return ""
        return f"{address}/join/{invite(Role.OPERATOR, 'the terminal')}"


def _role(name: str, password: str) -> Role | None:
    """The role of who has this name and this password; the time it takes tells nothing of the name.

    An administrator's own password counts first; who is none may be known to the directory. Raises DirectoryError.
    """
    one, network = console().record.administrator(name), console().network
    if one is None and network is not None:
        return network.role_of(name, password)
    if one is None:
        check(password_verifier("somebody else's"), password, b"")
        return None
    return one.role if check(one.verifier, password, b"") else None


def _known(name: str) -> str:
    """The name, where it is an administrator's: what people type there by mistake may be a password."""
    one = console().record.administrator(name)
    return one.name if one else "(unknown)"


def _wait(failures: dict[str, Failures], now: datetime) -> timedelta:
    """How long to wait before the next try: nothing at first, then twice as long with each."""
    waits = [timedelta()]
    for key, (times, last) in failures.items():
        free = FREE_TRIES if key.startswith("name ") else FREE_TRIES_OF_AN_ADDRESS
        if times >= free:
            waits.append(last + min(FORGET, FIRST_WAIT * 2 ** min(times - free, 10)) - now)
    return max(waits)


def _signed_in(name: str, role: Role, target: str) -> Response:
    record, now = console().record, console().clock()
    settings = console().settings
    record.end_sessions_before(now - settings.session, now - settings.idle)
    secret = console().token()
    record.begin_session(Session(key_of(secret), name, role, now, now))
    response = redirect(target, 303)
    remember(response, secret)
    return response


def _next(address: str) -> str:
    return inside(address, "/")


def _card(name: str = "", wrong: str = "") -> str:
    nobody = console().network is None and not console().record.administrators()
    target = request.values.get("next", "")
    return render_template("sign_in.html", name=name, wrong=wrong, nobody=nobody, target=target, ended=_ended())


def _ended() -> str:
    """Why the session ended that was there before, where the address says so."""
    settings, why = console().settings, request.args.get("ended")
    if why == "idle":
        return f"You were signed out after {_lasting(settings.idle)} without a click."
    return f"You were signed out: a sign-in lasts {_lasting(settings.session)} at most." if why == "session" else ""


def _lasting(span: timedelta) -> str:
    """A span in whole hours where it is that, else in minutes."""
    hours, rest = divmod(span, timedelta(hours=1))
    return many(hours, "hour") if hours and not rest else many(ceil(span / timedelta(minutes=1)), "minute")


def _locked(wait: timedelta) -> Response:
    seconds = ceil(wait.total_seconds())
    said = many(ceil(seconds / 60), "minute") if seconds > 60 else many(seconds, "second")
    card = _card(wrong=f"Too many tries went wrong. Try again in {said}.")
    response = make_response(card, 429)
    response.headers["Retry-After"] = str(seconds)
    return response


def _invitation(secret: str) -> Invitation:
    found = console().record.invitation(key_of(secret), console().clock())
    if found is None:
        abort(404, "This link was used already, or is too old. A new one: trackone serve console --invite")
    return found


def _join_card(invitation: Invitation, name: str = "", wrong: str = "") -> str:
    return render_template("join.html", role=invitation.role, name=name, wrong=wrong, shortest=SHORTEST)


def _fault(name: str, password: str, again: str) -> str:
    """What is wrong with a name and a password somebody chose, or nothing."""
    if not name or len(name) > 64 or not name.isprintable():
        return "Choose a name of 1 to 64 letters and digits."
    if console().record.administrator(name) is not None:
        return "An administrator has this name already. Choose another."
    if len(password) < SHORTEST or len(password) > LONGEST:
        return f"Choose a password of at least {SHORTEST} characters: a few words are good."
    if case_key(name) in case_key(password):
        return "The password holds the name. Choose another."
    return "" if password == again else "The two passwords are not the same."
