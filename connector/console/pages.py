"""What all pages share: the rail, the stylesheet, the script, the sentence after something was done."""

from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from connector.console.gate import anybody

RAIL = (
    ("people.index", "Users"),
    ("synchronise.form", "Bulk User Synchronise"),
    ("alignment.index", "Directory alignment"),
    ("history.index", "Runs"),
    ("scim.index", "SCIM"),
    ("health.index", "Health"),
)
FOOT = (("administrators.index", "Administrators"), ("administrators.log", "Audit"))
ROOMS = {
    "people": "people.index",
    "synchronise": "synchronise.form",
    "preview": "synchronise.form",
    "history": "history.index",
    "alignment": "alignment.index",
    "scim": "scim.index",
    "health": "health.index",
}
"""Which entry of the rail a blueprint's pages belong to."""
SAID = {
    "signed-out": "You were signed out before this was sent, so nothing was done. Sign in to go on.",
    "left": "You are signed out.",
    "started-anew": "The console was started anew meanwhile, so this did not come to its end. Begin it again.",
    "saved": "Saved.",
    "kept": "Your choices are kept.",
    "changed-elsewhere": "The choices in this preview were changed from another window since this page was shown. "
    "Nothing was done: look at it as it is now.",
    "refused": "The guard refuses this plan, so nothing was done. Look at why; if it is right, tick to accept it.",
    "also-left-out": "Some rows need a name that a row you left out would have freed, so they are left out too. "
    "Nothing was done yet: look, then synchronise.",
    "no-change": "Nothing to change: the account is like that already.",
    "password": "The new password is set.",
    "removed": "The administrator is removed and signed out everywhere.",
}
"""What a page says after something was done, by the word its address carries."""

pages = Blueprint("pages", __name__)


class Link(NamedTuple):
    """An entry of the rail."""

    address: str
    word: str
    current: bool


def about_the_page() -> dict[str, Any]:
    """The rail with the page that is open, and the sentence to begin with."""
    return {
        "rail": _links(RAIL),
        "foot": _links(FOOT),
        "said": SAID.get(request.args.get("said", ""), ""),
        "here": _here(),
        "views": current_app.view_functions,
        "style": url_for("pages.static_file", name="console.css", v=_version("console.css")),
        "script": url_for("pages.static_file", name="console.js", v=_version("console.js")),
    }


def address_with(**changes: object) -> str:
    """This page's address with other values in its query; None takes one out."""
    query = {key: value for key, value in request.args.items() if key != "said"} | changes
    named = {key: value for key, value in query.items() if value not in (None, "")}
    return url_for(request.endpoint or "people.index", **{**(request.view_args or {}), **named})


def page_above(path: str) -> str:
    """The nearest page that `path` lies under: whoever opens a form's own address again was on it."""
    pages_there = current_app.create_url_adapter(request)
    while pages_there and not pages_there.test(path, "GET"):
        path = path.rpartition("/")[0] or "/"
    return path


@pages.get("/")
def index() -> ResponseReturnValue:
    """The first page."""
    return redirect(url_for("people.index"))


@pages.get("/static/<name>")
@anybody
def static_file(name: str) -> Response:
    """The stylesheet, the script or the mark in the browser's tab."""
    kinds = {"console.css": "text/css", "console.js": "text/javascript", "mark.svg": "image/svg+xml"}
    if name not in kinds:
        abort(404)
    response = Response(_content(name), content_type=f"{kinds[name]}; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if "v" in request.args else "no-cache"
    return response


def _links(entries: tuple[tuple[str, str], ...]) -> list[Link]:
    """The entries whose pages there are."""
    room = request.blueprint or ""
    there = [(endpoint, word) for endpoint, word in entries if endpoint in current_app.view_functions]
    return [
        Link(url_for(endpoint), word, endpoint == request.endpoint or endpoint == ROOMS.get(room))
        for endpoint, word in there
    ]


def _here() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else request.form.get("here", "/")


def _version(name: str) -> str:
    return sha256(_content(name).encode()).hexdigest()[:12]


def _content(name: str) -> str:
    own = files("connector.console").joinpath("static", name).read_text("utf-8")
    if name != "console.css":
        return own
    return files("connector.report").joinpath("style.css").read_text("utf-8") + own
