"""/healthz and /readyz beside the endpoint, for load balancers; no token is asked for, and no reason is told."""

from collections.abc import Callable

from flask import Flask, Response, request

from connector.domain.operation import Health
from connector.domain.ports import Clock
from connector.report.metrics import probe


def add_probes(app: Flask, look: Callable[[], Health], clock: Clock) -> None:
    """Add both addresses to the application. Metrics are on the console's listener."""

    def probed() -> Response:
        answer = probe(request.path, look, clock(), trusted=False)
        return Response(answer.body, answer.status, content_type=answer.content_type)

    for path in ("/healthz", "/readyz"):
        app.add_url_rule(path, path, probed)
