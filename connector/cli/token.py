"""trackone token."""

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from connector.cli.edge import ORIGIN, Edge, actor, confirmed
from connector.domain.client import SCOPES, Kind
from connector.domain.errors import ConfigError

if TYPE_CHECKING:
    from connector.domain.client import ClientKeys
    from connector.services.tokens import Issued


@click.group(name="token", epilog="Example: trackone token create entra --expires 365d")
def command() -> None:
    """What SCIM clients sign in with. A secret is shown once and kept only as its hash."""


@command.command("create", epilog="Example: trackone token create entra --scope write --expires 365d")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    help="What it may do: read; write, which includes read and is the default; protected, which includes write: "
    "touch accounts that hold protected roles.",
)
@click.option("--expires", default="365d", show_default=True, help="How long it lives: 90d, 12h. At most 3 years.")
@click.option("--oauth", is_flag=True, help="Make an OAuth 2.0 client id and secret instead of a bearer token.")
@click.pass_obj
def create(edge: Edge, name: str, scopes: tuple[str, ...], expires: str, *, oauth: bool) -> None:
    """Make a token for the SCIM client NAME, e.g. entra. Two may live at once, so that one can replace the other."""
    from connector.services.tokens import issue

    issued = issue(
        _keys(edge),
        client=name,
        kind=Kind.OAUTH if oauth else Kind.BEARER,
        scope=max(scopes or ("write",), key=SCOPES.index),
        life=_life(expires),
        made_by=actor(),
        now=edge.parts.clock(),
        random=secrets.token_bytes,
    )
    edge.write(_told(issued, edge))


@command.command("list", epilog="Example: trackone token list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def list_tokens(edge: Edge, form: str) -> None:
    """Every token there ever was, without its secret."""
    from connector.report.client_keys import client_keys_json, client_keys_text

    found, now = _keys(edge).keys(), edge.parts.clock()
    edge.write(client_keys_json(found, now) if form == "json" else client_keys_text(found, now, **edge.look))


@command.command("revoke", epilog="Example: trackone token revoke 4f1c09aa3e")
@click.argument("key_id", metavar="ID")
@click.pass_obj
def revoke(edge: Edge, key_id: str) -> None:
    """End a token; within seconds neither it nor what came of it lets anybody in."""
    from connector.services.tokens import revoke as end

    key = end(_keys(edge), key_id, edge.parts.clock())
    edge.say(f"{key.id} of {key.client} is revoked.")


@command.command("accept", epilog="Example: trackone token accept entra, then the same with --apply")
@click.argument("name")
@click.option("--apply", is_flag=True, help="Do it without asking.")
@click.pass_obj
def accept(edge: Edge, name: str, *, apply: bool) -> None:
    """Let the client NAME go on deactivating accounts after the guard has held it back."""
    from connector.services.tokens import accept as let_go_on
    from connector.services.tokens import require_client

    keys = _keys(edge)
    require_client(keys, name)
    edge.say(f"{name} may then take as many SIS-owned accounts out of use again as in any 24 hours.")
    if confirmed("Was what it did right, and may it go on?", apply=apply):
        number = let_go_on(keys, edge.parts.store, name, origin=ORIGIN, actor=actor(), now=edge.parts.clock())
        edge.say(f"Accepted, and recorded as run {number}.")


def _keys(edge: Edge) -> "ClientKeys":
    from connector.bootstrap import build_client_keys

    return build_client_keys(edge.settings, edge.parts.clock)


def _life(text: str) -> timedelta:
    """How long, as connector.toml writes spans of time. Raises ConfigError."""
    from connector.settings.value_kinds import read_span

    try:
        return read_span(text)
    except (ValueError, OverflowError):
        raise ConfigError(f"--expires {text}: no span of time", hint="Write it as 365d or 12h.") from None


def _told(issued: "Issued", edge: Edge) -> str:
    """The secret, and the address it is for, as the client's screen asks for them."""
    key, scim = issued.key, edge.settings.scim
    address = (scim.public_url or f"http://{scim.host}:{scim.port}/scim/v2").rstrip("/")
    if key.kind is Kind.OAUTH:
        site = urlsplit(address)
        lines = [
            f"Client ID       {key.id}",
            f"Client secret   {issued.secret}",
            f"Token endpoint  {site.scheme}://{site.netloc}/oauth/token",
            f"Tenant URL      {address}",
        ]
    else:
        lines = [f"ID          {key.id}", f"Token       {issued.token}", f"Tenant URL  {address}"]
    may = {"read": "read", "write": "read and write", "protected": "read, write and touch protected roles"}[key.scope]
    about = f"{key.client} may {may} until {key.expires:%Y-%m-%d %H:%M} UTC."
    return "\n".join([*lines, about, "The secret is shown this once; only its hash is kept."])
