"""The console as a WSGI application."""

import logging
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader, StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from connector.bootstrap import build_console_record, build_network_sign_in, system_clock
from connector.console import (
    administrators,
    alignment,
    gate,
    health,
    history,
    operation,
    pages,
    people,
    preview,
    scim,
    sign_in,
    synchronise,
    watch,
)
from connector.console.context import EXTENSION, Console, console, visitor
from connector.console.previews import Previews
from connector.console.school import School
from connector.console.words import WORDS
from connector.console.work import Works
from connector.domain.errors import ConnectorError
from connector.domain.ports import Clock
from connector.report.harmless import harmless
from connector.services.roll import Roll

LATEST = 50
"""So many runs are looked at to see whether accounts have changed."""
LARGEST_FORM = 4 * 1024 * 1024
"""Bytes of a form; a preview's page of rows is the largest."""
BLUEPRINTS = (
    pages.pages,
    sign_in.pages,
    people.pages,
    synchronise.pages,
    preview.pages,
    watch.pages,
    alignment.pages,
    history.pages,
    scim.pages,
    health.pages,
    administrators.pages,
)

log = logging.getLogger(__name__)


def from_environment(config: str) -> Flask:
    """The console of a configuration file, as a server's worker makes it."""
    return create_app(Path(config), os.environ)


def create_app(
    config: Path,
    environ: Mapping[str, str],
    clock: Clock = system_clock,
    token: Callable[[], str] = secrets.token_urlsafe,
) -> Flask:
    """The console of the school in `config`. Raises ConfigError and StoreError."""
    school = School(config, environ, clock)
    settings = school.settings
    record = build_console_record(settings, clock)
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_MEMORY_SIZE=LARGEST_FORM, MAX_FORM_PARTS=20_000)
    roll = Roll(school.parts.store, lambda: record.latest_runs(LATEST))
    previews = Previews(school, record, clock, token)
    app.extensions[EXTENSION] = Console(
        settings=settings.console,
        name=settings.school.name,
        school=school,
        record=record,
        network=build_network_sign_in(settings, environ),
        works=Works(token),
        previews=previews,
        roll=roll,
        clock=clock,
        token=token,
    )
    _set_up_templates(app)
    gate.install(app)
    for blueprint in (*BLUEPRINTS, operation.blueprint(environ)):
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(ConnectorError, _failed)
    app.register_error_handler(Exception, _broke)
    if settings.console.public_url:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]  # Flask's own way
    return app


def _set_up_templates(app: Flask) -> None:
    reports = PrefixLoader({"report": PackageLoader("connector.report")})
    app.jinja_loader = ChoiceLoader([PackageLoader("connector.console"), reports])
    app.jinja_options = {
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "finalize": _harmless,
    }
    app.jinja_env.globals.update(WORDS)
    app.context_processor(_about_the_page)


def _harmless(value: Any) -> Any:
    """Whatever a template writes, made harmless; what the templates made themselves stays."""
    return value if hasattr(value, "__html__") else harmless(str(value))


def _about_the_page() -> dict[str, Any]:
    """What every template may ask for."""
    return {"visitor": visitor(), "school": console().name, **pages.about_the_page()}


def _refused(error: HTTPException) -> ResponseReturnValue:
    if error.code is not None and error.code < 400:
        return error.get_response()
    if error.code == 405 and request.method == "GET":
        return redirect(pages.page_above(request.path), 303)
    told = error.description if error.code in (400, 403, 404, 409) else None
    title = {403: "Not allowed", 404: "Not here"}.get(error.code or 0, "That did not work")
    page = render_template("stopped.html", title=title, told=told, back="/", code=error.code)
    response = make_response(page, error.code or 500)
    response.headers.extend((key, value) for key, value in error.get_headers() if key in ("Allow", "Retry-After"))
    return response


def _failed(error: ConnectorError) -> ResponseReturnValue:
    title = "That did not work"
    return render_template("stopped.html", title=title, told=error.message, hint=error.hint, back="", code=503), 503


def _broke(error: Exception) -> ResponseReturnValue:
    log.error("a page failed", exc_info=error)
    told = "Something went wrong that the console does not know. The log of the console tells what."
    return render_template("stopped.html", title="That did not work", told=told, back="/", code=500), 500
