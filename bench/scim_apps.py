"""The applications a benchmark of SCIM compares, each made in the process that serves it."""

import json
from pathlib import Path
from typing import Any

from bench.scim_setup import PREFIX

STORED = json.dumps(
    {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "1",
        "userName": "given1.family1@school.example",
        "name": {"familyName": "Family1", "givenName": "Given1"},
        "active": True,
        "emails": [{"value": "given1.family1@school.example", "type": "work", "primary": True}],
        "meta": {"resourceType": "User", "location": "http://127.0.0.1/scim/v2/Users/1", "version": 'W/"1"'},
    }
)


def floor(_config: str) -> Any:
    """A bare Flask view that returns a stored JSON text, whatever is asked."""
    from flask import Flask, Response, request  # noqa: PLC0415 - only the serving process pays

    app = Flask("floor", static_folder=None)

    def view(_path: str) -> Response:
        if request.method != "GET":
            request.get_data()
        return Response(STORED, content_type="application/scim+json")

    app.add_url_rule("/<path:_path>", "view", view, methods=["GET", "POST", "PATCH"])
    return app


def ours(config: str) -> Any:
    """The endpoint as `trackone serve scim` serves it: with authentication, rate limit and record of runs."""
    from scim_server.wsgi import application  # noqa: PLC0415 - only the serving process pays

    return application(Path(config))


def peer(_config: str) -> Any:
    """scim2-server, which keeps everything in memory and here lets everybody in."""
    from scim2_models import ScimProvider  # noqa: PLC0415 - only the serving process pays
    from scim2_server import utils  # noqa: PLC0415 - the same
    from scim2_server.memory import InMemoryStorage  # noqa: PLC0415 - the same
    from scim2_server.testserver.application import BearerTokenApplication  # noqa: PLC0415 - the same
    from werkzeug.exceptions import NotFound  # noqa: PLC0415 - the same
    from werkzeug.middleware.dispatcher import DispatcherMiddleware  # noqa: PLC0415 - the same

    provider = ScimProvider.from_discovery(
        utils.load_default_schemas().values(),
        utils.load_default_resource_types().values(),
        config=utils.load_default_service_provider_config(),
    )
    there = DispatcherMiddleware(NotFound(), {PREFIX: BearerTokenApplication(InMemoryStorage(), provider)})

    def app(environ: Any, start_response: Any) -> Any:
        environ.setdefault("CONTENT_LENGTH", "0")  # without it scim2-server reads -1 bytes, which granian refuses
        return there(environ, start_response)

    return app
