"""Who may see and send what, asked before every page; and what every answer carries."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from connector.console.context import console, visitor
from connector.console.visitor import Visitor, key_of
from connector.domain.console import AuditLine, Session
from connector.domain.errors import StoreError

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Content Security Policy Level 3: nothing inline, nothing from elsewhere, no page in another's frame."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
LOOPBACK = ("localhost", "127.0.0.1", "::1")
TOUCH_AFTER = timedelta(seconds=60)
"""A session's last click is kept no finer than this: most pages then write nothing."""

V = TypeVar("V", bound=Callable[..., ResponseReturnValue])


def anybody(view: V) -> V:
    """Mark a page that needs no sign-in."""
    view.anybody = True  # type: ignore[attr-defined]  # Flask's own way to say something of a view
    return view


def any_role(view: V) -> V:
    """Mark a form that viewers may send too."""
    view.any_role = True  # type: ignore[attr-defined]  # as above
    return view


def unseen(view: V) -> V:
    """Mark a page that a script asks for again and again: it does not count as a click."""
    view.unseen = True  # type: ignore[attr-defined]  # as above
    return view


def install(app: Flask) -> None:
    """Put the gate before every page of the app."""
    app.before_request(_admit)
    app.after_request(_finish)


def cookie_name() -> str:
    """The cookie's name: bound to this host and to TLS behind a proxy (RFC 6265bis, section 4.1.3)."""
    settings = console().settings
    return f"{'__Host-' if settings.public_url else ''}trackone-{settings.port}"


def remember(response: Response, secret: str) -> None:
    """Have the browser carry the secret until it is closed."""
    secure = bool(console().settings.public_url)
    response.set_cookie(cookie_name(), secret, httponly=True, samesite="Lax", secure=secure, path="/")


def audit(action: str, subject: str = "", result: str = "done", who: str | None = None) -> None:
    """Add what is done now to the audit."""
    by = visitor()
    line = AuditLine(console().clock(), by.name if who is None else who, by.address, action, subject, result)
    console().record.audit(line)


def inside(address: str, otherwise: str) -> str:
    """An address of this console to go to; `otherwise` for any other."""
    parts = urlsplit(address)
    mine = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if mine and address.isprintable() else otherwise


def _admit() -> ResponseReturnValue | None:
    g.visitor = Visitor("", request.remote_addr or "")
    if not _host_is_ours():
        abort(400, "This console does not answer to that name. Its address is in [console] public_url.")
    if request.endpoint == "pages.static_file":
        return None
    g.visitor = _visitor()
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None
    if request.method == "POST" and not _sent_from_here():
        return _not_ours() if visitor().session or getattr(view, "anybody", False) else _sign_in_first()
    if getattr(view, "anybody", False):
        return None
    if visitor().session is None:
        return _sign_in_first()
    if request.method == "POST" and not (visitor().operates or getattr(view, "any_role", False)):
        audit(f"{request.method} {request.path}", result="refused: a viewer")
        abort(403, "Viewers look; an operator changes things.")
    return None


def _host_is_ours() -> bool:
    """Whether the request names this console: a page elsewhere may have its own name point here."""
    settings = console().settings
    ours = {*LOOPBACK, settings.host, urlsplit(settings.public_url).hostname}
    return urlsplit(f"//{request.host}").hostname in ours


def _visitor() -> Visitor:
    secret = request.cookies.get(cookie_name(), "")
    address = request.remote_addr or ""
    if not secret:
        g.fresh = console().token()
        return Visitor(g.fresh, address)
    return Visitor(secret, address, _session(secret))


def _session(secret: str) -> Session | None:
    record, now, settings = console().record, console().clock(), console().settings
    session = record.session(key_of(secret))
    if session is None:
        return None
    if now - session.started > settings.session or now - session.seen > settings.idle:
        g.ended = "idle" if now - session.seen > settings.idle else "session"
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    if now - session.seen > TOUCH_AFTER and not getattr(view, "unseen", False):
        with suppress(StoreError):  # a run is writing; the next click is noted
            record.touch_session(session.key, now)
    return session


def _sent_from_here() -> bool:
    """Whether a page of ours sent the form (OWASP, Cross-Site Request Forgery Prevention)."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return False
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    return visitor().sent(request.form.get("form_token", ""))


def _sign_in_first() -> ResponseReturnValue:
    """To the sign-in, and from there back to the page; what was sent is not done."""
    view, ended = current_app.view_functions[request.endpoint or ""], g.get("ended")
    if request.method == "POST":
        resume = getattr(view, "resume", None)
        target = resume() if resume else inside(request.form.get("here", ""), "/")
        return redirect(url_for("sign_in.page", next=target, said="signed-out", ended=ended), 303)
    return redirect(url_for("sign_in.page", next=request.full_path.rstrip("?"), ended=ended), 303)


def _not_ours() -> ResponseReturnValue:
    here = inside(request.form.get("here", ""), "/")
    return render_template("stopped.html", title="Nothing was done", back=here, code=400), 400


def _finish(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "pages.static_file":
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    fresh = g.get("fresh")
    if fresh and "Set-Cookie" not in response.headers:
        remember(response, fresh)
    return response
