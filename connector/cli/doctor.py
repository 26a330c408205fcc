"""trackone doctor."""

import json
import secrets
import sys
import time
from pathlib import Path

import click

from connector.cli.edge import Edge

CONVERSATIONS = ("discovery", "entra", "okta", "rfc7643", "rfc7644")


@click.group(name="doctor", epilog="Example: trackone doctor scim https://trackone.school.example/scim/v2")
def command() -> None:
    """Examine an endpoint as its clients will use it."""


@command.command("scim", epilog="Example: trackone doctor scim https://trackone.school.example/scim/v2 --token T")
@click.argument("url")
@click.option(
    "--token",
    envvar="TRACKONE_SCIM_TOKEN",
    required=True,
    help="A bearer token that may write. [env: TRACKONE_SCIM_TOKEN]",
)
@click.option(
    "--only", type=click.Choice(CONVERSATIONS), multiple=True, help="Only this conversation; may be repeated."
)
@click.option(
    "--ca-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The authority to trust."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def scim(edge: Edge, url: str, token: str, only: tuple[str, ...], ca_file: Path | None, form: str) -> None:
    """Play the conversations of Entra ID, Okta and the RFCs with the SCIM endpoint at URL, any vendor's.

    It makes a few users and groups with names of their own there, and removes them in the end; a TrackOne
    keeps them archived. Exit code 1 when a step does not go as it must.
    """
    from connector.doctor.conversation import conversation
    from connector.doctor.examine import examine, require_welcome
    from connector.doctor.http import HttpEndpoint
    from connector.report.doctor import check_line, checks_json, healthy, verdict_line

    endpoint = HttpEndpoint(url, token, str(ca_file or ""), time.sleep)
    require_welcome(endpoint, url)
    asked = [conversation(name) for name in only or CONVERSATIONS]
    checks = []
    for check in examine(endpoint, asked, f"t1d{secrets.token_hex(4)}", token):
        checks.append(check)
        if form == "text":
            edge.say(check_line(check))
    edge.write(json.dumps(checks_json(checks), indent=2) if form == "json" else verdict_line(checks))
    sys.exit(0 if healthy(checks) else 1)
