"""The command `trackone`: each subcommand is loaded only when it is used."""

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from connector.cli.edge import Edge
from connector.domain.errors import ConnectorError

COMMANDS = {
    "init": "Lay down a commented connector.toml and a copy of the mappings.",
    "demo": "Build an invented school and run the whole path on it.",
    "check": "Check connector.toml, the mapping and its examples.",
    "plan": "Show what a sync would do; write nothing.",
    "apply": "Do what a plan file says, and nothing else.",
    "sync": "Plan and apply in one go, for schedulers.",
    "run": "Synchronise again and again, as a service does.",
    "align": "Compare every username with the school directory.",
    "suggest": "Find the username method the school network uses.",
    "why": "Show every step that leads to one person's account.",
    "runs": "List past runs, show one, undo one.",
    "accounts": "Look at and edit the user store by hand.",
    "serve": "Serve the SCIM endpoint and the admin console.",
    "token": "Make, list and revoke what SCIM clients sign in with.",
    "doctor": "Examine a SCIM endpoint as its clients will use it.",
    "slips": "Set one-time passwords for new accounts and print them.",
    "fleet": "Synchronise many schools, on one machine or several.",
    "store": "Move the accounts to another database.",
    "rename": "Rename accounts to what mapping now proposes.",
}


class LazyGroup(click.Group):
    """Knows its subcommands by name and imports the one that is called: `--help` pays for nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The subcommands in the order people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The subcommand, imported now; None for a name there is not."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"connector.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The list of subcommands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with an invented school: trackone demo. Start with your own: trackone init.",
)
@click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path),
    default=Path("connector.toml"),
    show_default=True,
    help="The configuration file.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong.")
@click.option("-v", "--verbose", is_flag=True, help="Log each step to standard error.")
@click.option("--log-json", is_flag=True, help="Log as JSON lines to standard error.")
@click.version_option(package_name="trackone-connector", prog_name="trackone")
@click.pass_context
def cli(ctx: click.Context, config: Path, *, quiet: bool, verbose: bool, log_json: bool) -> None:
    """Keep TrackOne accounts equal to the school's SIS, and usernames equal to the network logins.

    Nothing is written until `apply` or `sync`; everything else only shows.
    """
    ctx.obj = Edge(config, quiet=quiet, verbose=verbose, log_json=log_json, words=ctx.obj or ())


def main(words: Sequence[str] | None = None) -> None:
    """Run the command line; failures the operator can act on become plain lines and an exit code.

    `words` are those after the command's name, those of the process where they are left out.
    """
    words = sys.argv[1:] if words is None else words
    try:
        cli.main(list(words), prog_name="trackone", standalone_mode=False, obj=tuple(words))
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.exceptions.NoArgsIsHelpError as wrong:
        wrong.show()
        sys.exit(2)
    except click.ClickException as wrong:
        click.echo(_usage(wrong), err=True)
        sys.exit(2)
    except click.Abort:
        click.echo("trackone: stopped. A run is done whole or not at all; see which: trackone runs", err=True)
        sys.exit(1)
    except ConnectorError as error:
        click.echo(f"trackone: {_plain(error)}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        click.echo(f"trackone: {error.strerror or error}{f': {error.filename}' if error.filename else ''}", err=True)
        sys.exit(1)
    except (UnicodeError, RecursionError) as error:
        click.echo(f"trackone: an input cannot be used: {error}", err=True)
        sys.exit(1)


def _plain(error: ConnectorError) -> str:
    """The lines of an error, which may repeat what a server or a file says, without what acts on a terminal."""
    from connector.report.harmless import harmless

    return "\n".join(map(harmless, str(error).split("\n")))


def _usage(wrong: click.ClickException) -> str:
    """What is wrong with the words of a command, and where its use is told."""
    context = getattr(wrong, "ctx", None)
    path = context.command_path if context is not None else "trackone"
    return f"trackone: {wrong.format_message()}\n  See: {path} --help"
