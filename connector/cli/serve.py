"""trackone serve."""

import logging
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from connector.cli.edge import Edge, Log
from connector.domain.errors import ConfigError

LISTENERS = ("scim", "console")
CONSOLE_THREADS = 4
"""A page that reads the SIS or the directory does not keep the others waiting."""


@click.command(epilog="Example: trackone serve console")
@click.argument("which", metavar="[scim|console]", type=click.Choice(LISTENERS), required=False)
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Another port than connector.toml names.")
@click.option("--invite", is_flag=True, help="Print a one-time link by which somebody becomes a console operator.")
@click.pass_obj
def command(edge: Edge, which: str | None, port: int | None, *, invite: bool) -> None:
    """Serve the SCIM endpoint, the admin console, or without a word both, each on its own listener."""
    if which == "scim":
        _serve_scim(edge, port)
    elif which == "console":
        serve_console(edge, port, invite=invite)
    elif port is not None:
        raise ConfigError("--port goes with scim or console", hint="For both: [scim] port and [console] port.")
    else:
        serve_both(edge, invite=invite)


def serve_console(edge: Edge, port: int | None = None, *, invite: bool = False) -> None:
    """Serve the console; where nobody can sign in yet, say how somebody can."""
    from connector.cli.listen import listen, require_free
    from connector.console.app import create_app
    from connector.console.sign_in import first_link

    settings = edge.settings.console
    port = port or settings.port
    require_free(settings.host, port)
    address = settings.public_url or f"http://{_bracketed(settings.host)}:{port}"
    link = first_link(create_app(edge.config, _environ(port)), address, always=invite)
    edge.write(f"The console is at {address}/ (stop it with Ctrl+C).")
    if link:
        edge.write(f"Become an administrator, once, within 24 hours: {link}")
    sys.stdout.flush()
    os.environ["TRACKONE__CONSOLE__PORT"] = str(port)
    listen(console_app, str(edge.config.absolute()), settings.host, port, CONSOLE_THREADS)


def console_app(config: str) -> Any:
    """The console's application, made in the worker that serves it."""
    from connector.console.app import from_environment

    return from_environment(config)


def _serve_scim(edge: Edge, port: int | None) -> None:
    from connector.cli.listen import listen, require_free
    from scim_server.wsgi import application

    settings = edge.settings.scim
    port = port or settings.port
    require_free(settings.host, port)
    application(edge.config.absolute())  # what is wrong is said here, not by a worker that will not start
    address = settings.public_url or f"http://{_bracketed(settings.host)}:{port}/scim/v2"
    edge.write(f"The SCIM endpoint is at {address} (stop it with Ctrl+C).")
    sys.stdout.flush()
    load = partial(scim_app, edge.log)
    listen(load, str(edge.config.absolute()), settings.host, port, threads=1, workers=settings.workers)


def scim_app(log: Log, config: str) -> Any:
    """The endpoint's application, made in the worker that serves it, which logs as it was asked to."""
    from scim_server.wsgi import application

    log.start(logging.WARNING)
    return application(Path(config))


def serve_both(edge: Edge, *, invite: bool = False) -> None:
    """Serve both until one ends or we are told to stop; then the process ends."""
    from connector.cli.listen import listen_together

    told = [word for word, said in (("--verbose", edge.log.verbose), ("--log-json", edge.log.as_json)) if said]
    settings = ["-c", str(edge.config.absolute()), *told, "serve"]
    asked = ["--invite"] if invite else []
    sys.exit(listen_together([[*settings, "scim"], [*settings, "console", *asked]]))


def _environ(port: int) -> dict[str, str]:
    return {**os.environ, "TRACKONE__CONSOLE__PORT": str(port)}


def _bracketed(host: str) -> str:
    """An address as it stands in a URL; one that means all of the machine's is this machine's own."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
