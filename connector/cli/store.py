"""trackone store."""

import os

import click

from connector.cli.edge import Edge, confirmed


@click.group(name="store", epilog="Example: trackone store move postgresql+psycopg://trackone@db.example/trackone")
def command() -> None:
    """The database that holds the accounts."""


@command.command(
    "move",
    epilog="Example: trackone store move postgresql+psycopg://trackone@db.example/trackone --schema-name riverside; "
    "back: trackone store move sqlite:///trackone.db",
)
@click.argument("url")
@click.option("--schema-name", default=None, help="With PostgreSQL: the schema; that of [store], unless given.")
@click.option("--apply", is_flag=True, help="Do it without asking.")
@click.pass_obj
def move(edge: Edge, url: str, schema_name: str | None, *, apply: bool) -> None:
    """Move everything to another database that is empty: accounts, names, runs, tokens, the key.

    The password for PostgreSQL is the one of [store]; it need not stand in URL. The old store stays as it is.
    """
    from connector.bootstrap import build_move
    from connector.report.store_move import move_text, moved_text

    schema = edge.settings.store.schema_name if schema_name is None else schema_name
    work = build_move(edge.settings, url, schema, os.environ)
    edge.say(move_text(str(work.source.place), work.target(), work.look(), **edge.look))
    if confirmed("Move everything now?", apply=apply):
        edge.say(moved_text(work.do(), edge.config.name, url, schema))
