"""SCIM: the endpoint's address, the tokens of its clients, how Entra ID and Okta are wired, what was asked lately."""

import secrets
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connector.bootstrap import build_client_keys
from connector.console.context import console, visitor
from connector.console.gate import audit
from connector.domain.client import SCOPES, ClientKey, ClientKeys, Kind
from connector.domain.errors import ConnectorError
from connector.domain.run import Outcome, Run
from connector.report.changes import what
from connector.report.client_keys import state_of
from connector.services.tokens import Issued, issue, revoke

RECENT = 30
LIVES = {"90": "90 days", "180": "180 days", "365": "A year", "1095": "Three years"}
SCOPE_WORDS = {
    "read": "Read accounts",
    "write": "Read and write accounts, as Entra ID and Okta need it",
    "protected": "The same, accounts with protected roles included",
}
ACTIONS = {
    "create": "made",
    "update": "changed",
    "rename": "renamed",
    "archive": "deleted",
    "restore": "restored",
}

pages = Blueprint("scim", __name__)


class Client(NamedTuple):
    """A client with its keys, those that let it in first."""

    name: str
    keys: list[tuple[ClientKey, str]]


class Asked(NamedTuple):
    """One thing a client has done."""

    run: Run
    outcome: Outcome
    client: str
    words: str


@pages.get("/scim-clients")
def index() -> ResponseReturnValue:
    """The page."""
    return _page()


@pages.post("/scim-clients/token")
def create() -> ResponseReturnValue:
    """Make a token; its secret is on this page only, and shown this once."""
    form = request.form
    client = form.get("client", "").strip()
    try:
        issued = issue(
            _keys(),
            client=client,
            kind=Kind.OAUTH if form.get("kind") == "oauth" else Kind.BEARER,
            scope=form.get("scope", "write"),
            life=timedelta(days=int(form.get("days", "365")) if form.get("days") in LIVES else 365),
            made_by=visitor().name,
            now=console().clock(),
            random=secrets.token_bytes,
        )
    except ConnectorError as error:
        return _page(wrong=error.message, hint=error.hint, client=client), 400
    audit("token create", f"{issued.key.client} {issued.key.id}")
    return _page(issued=issued)


@pages.post("/scim-clients/token/<key_id>/revoke")
def end(key_id: str) -> ResponseReturnValue:
    """End a token."""
    try:
        key = revoke(_keys(), key_id, console().clock())
    except ConnectorError as error:
        abort(404, error.message)
    audit("token revoke", f"{key.client} {key.id}")
    return redirect(url_for(".index", said="saved"), 303)


def _page(issued: Issued | None = None, wrong: str = "", hint: str = "", client: str = "") -> str:
    settings, now = console().school.settings.scim, console().clock()
    address = settings.public_url or f"http://{settings.host}:{settings.port}/scim/v2"
    return render_template(
        "scim.html",
        address=address.rstrip("/"),
        public=bool(settings.public_url),
        site=address.partition("/scim/")[0],
        clients=_clients(now),
        issued=issued,
        wrong=wrong,
        wrong_hint=hint,
        client=client,
        scopes=[(scope, SCOPE_WORDS[scope]) for scope in SCOPES],
        lives=LIVES,
        recent=_recent(),
    )


def _clients(now: datetime) -> list[Client]:
    found: dict[str, list[tuple[ClientKey, str]]] = {}
    for key in reversed(_keys().keys()):
        found.setdefault(key.client, []).append((key, state_of(key, now)))
    return [Client(name, sorted(keys, key=lambda one: one[1] != "live")) for name, keys in sorted(found.items())]


def _recent() -> list[Asked]:
    """What SCIM clients have done lately, the newest first."""
    store = console().school.parts.store
    runs = (run for run in console().record.newest_runs() if run.origin.startswith("scim:"))
    found: list[Asked] = []
    for run in runs:
        done = list(store.outcomes(run.number))
        found += [_asked(run, outcome) for outcome in reversed(done)]
        if len(found) >= RECENT:
            break
    return list(islice(found, RECENT))


def _asked(run: Run, outcome: Outcome) -> Asked:
    change = outcome.change
    return Asked(
        run, outcome, run.origin.removeprefix("scim:"), f"{ACTIONS.get(change.action, change.action)}: {what(change)}"
    )


def _keys() -> ClientKeys:
    room = console()
    return build_client_keys(room.school.settings, room.clock)
