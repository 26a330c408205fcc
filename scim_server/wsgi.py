"""The endpoint of one school as a WSGI application, for `trackone serve scim` and for servers of your own."""

import os
import time
from pathlib import Path
from typing import Any

from flask import Flask

from connector.bootstrap import (
    build_access_key,
    build_client_keys,
    build_journal,
    build_provision,
    build_store,
    system_clock,
)
from connector.services.health import look
from connector.settings.load import load_settings
from scim_server.app import create_app
from scim_server.auth import Gate
from scim_server.limits import Limiter
from scim_server.oauth import OAuth, add_oauth
from scim_server.probes import add_probes


def application(config: Path) -> Flask:
    """The application of the school that a connector.toml describes. Raises ConfigError and StoreError."""
    settings = load_settings(config, os.environ)
    scim = settings.scim
    keys, access_key = build_client_keys(settings), build_access_key(settings)
    limiter = Limiter(scim.rate, scim.burst, time.monotonic)
    gate = Gate(keys, access_key, limiter, system_clock, time.monotonic)
    app = create_app(build_provision(settings, os.environ), gate, scim.public_url)
    add_oauth(app, OAuth(keys, access_key, scim.access_token_life, limiter, system_clock))
    store, journal = build_store(settings), build_journal(settings)
    add_probes(app, lambda: look(store, journal, ""), system_clock)
    return app


def __getattr__(name: str) -> Any:
    """`scim_server.wsgi:app`: made when it is first asked for, from the connector.toml that TRACKONE_CONFIG names."""
    if name != "app":
        raise AttributeError(name)
    globals()["app"] = application(Path(os.environ.get("TRACKONE_CONFIG", "connector.toml")))
    return globals()["app"]
