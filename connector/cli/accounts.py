"""trackone accounts."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.cli.apply import tell
from connector.cli.edge import ORIGIN, Edge, actor, confirmed, read_text
from connector.cli.options import output

if TYPE_CHECKING:
    from connector.domain.account import Account
    from connector.domain.plan import Plan
    from connector.services.accounts import Edit

TYPES = ["Student", "Staff", "Parent", "System"]
apply_option = click.option("--apply", is_flag=True, help="Do it without asking.")


@click.group(name="accounts", epilog="Example: trackone accounts export --format csv -o accounts.csv")
def command() -> None:
    """Look at and edit the user store by hand. Every edit is shown first and can be undone as a run."""


@command.command("list", epilog="Example: trackone accounts list smith --type Student")
@click.argument("text", default="")
@click.option("--type", "user_type", type=click.Choice(TYPES), default=None, help="Only this user type.")
@click.option("--archived/--live", default=None, help="Only archived, or only live accounts.")
@click.pass_obj
def list_accounts(edge: Edge, text: str, user_type: str | None, *, archived: bool | None) -> None:
    """The accounts whose username, code, name or e-mail holds TEXT."""
    from connector.report.accounts import accounts_text

    found = [
        one
        for one in _all(edge, user_type)
        if (archived is None or one.archived is archived) and _holds(one, text.casefold())
    ]
    edge.write(accounts_text(found, **edge.look))


@command.command("show", epilog="Example: trackone accounts show asmith")
@click.argument("who")
@click.pass_obj
def show(edge: Edge, who: str) -> None:
    """One account, by username or SIS code."""
    from connector.report.accounts import account_text
    from connector.services.accounts import find_one

    with edge.parts.store.view() as accounts:
        edge.write(account_text(find_one(accounts, who), **edge.look))


@command.command("export", epilog="Example: trackone accounts export --format csv -o accounts.csv")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.option("--type", "user_type", type=click.Choice(TYPES), default=None, help="Only this user type.")
@output
@click.pass_obj
def export(edge: Edge, form: str, user_type: str | None, output: Path | None) -> None:
    """Every account, complete, ordered by SIS code, then username."""
    from connector.report.accounts import accounts_csv, accounts_json

    lines = (accounts_csv if form == "csv" else accounts_json)(_all(edge, user_type))
    edge.hand_over("".join(lines), output)


@command.command("import", epilog="Example: trackone accounts import accounts.csv, then the same with --apply")
@click.argument("file", type=click.Path(path_type=Path))
@apply_option
@click.pass_obj
def import_file(edge: Edge, file: Path, *, apply: bool) -> None:
    """Bring in the accounts a TrackOne site already has (the export's columns, or those of its users table)."""
    from connector.services.account_file import read_accounts
    from connector.services.accounts import import_plan

    rows = read_accounts(read_text(file, "file of accounts"), str(file))
    plan = import_plan(edge.parts, rows)
    untyped = {one.account.username for one in rows if "user_type" not in one.given}
    if new := sum(one.before is None and one.username in untyped for one in plan.changes):
        edge.say(
            f"Note: the file says no user_type for {new:,} new accounts: each is made a Student. "
            "Staff and parents need a column user_type with Staff or Parent."
        )
    _do(edge, plan, "accounts import", apply=apply)


@command.command("create", epilog="Example: trackone accounts create jlee --type Staff --family Lee --given Jo")
@click.argument("username")
@click.option("--type", "user_type", type=click.Choice(TYPES[:3]), default="Student", show_default=True)
@click.option("--code", default="", help="SIS code.")
@click.option("--family", default="", help="Family name.")
@click.option("--given", default="", help="Given names.")
@click.option("--email", default="", help="E-mail address.")
@click.option("--role", "roles", multiple=True, help="A role; may be repeated.")
@apply_option
@click.pass_obj
def create(
    edge: Edge,
    username: str,
    user_type: str,
    code: str,
    family: str,
    given: str,
    email: str,
    roles: tuple[str, ...],
    *,
    apply: bool,
) -> None:
    """Create one account by hand."""
    from connector.domain.account import Account, UserType
    from connector.services.accounts import change_roles, create_plan

    bare = Account(
        username.strip(), code.strip(), UserType(user_type), family.strip(), given.strip(), email.strip(),
        email_by="person" if email else "",
    )  # fmt: skip
    account = change_roles(roles, (), *_site_roles(edge))(bare)
    _do(edge, create_plan(edge.parts, account), "accounts create", apply=apply)


@command.command("link", epilog="Example: trackone accounts link asmith S0123")
@click.argument("username")
@click.argument("code")
@apply_option
@click.pass_obj
def link(edge: Edge, username: str, code: str, *, apply: bool) -> None:
    """Say that a Student account without a SIS code is this student's."""
    from connector.services.accounts import link_plan

    _do(edge, link_plan(edge.parts, username, code), "accounts link", apply=apply)


@command.command("release", epilog="Example: trackone accounts release asmith")
@click.argument("username")
@apply_option
@click.pass_obj
def release(edge: Edge, username: str, *, apply: bool) -> None:
    """Let others have a username that an archived or former holder still keeps."""
    from connector.report.plan_text import plan_text
    from connector.services.accounts import release as free
    from connector.services.accounts import release_plan

    plan, key = release_plan(edge.parts, username)
    if plan.changes:
        edge.say(plan_text(plan, command=edge.again, **edge.look))
    if confirmed(f"Free the username {username} now?", apply=apply):
        free(edge.parts, plan, key, ORIGIN, actor())
        edge.say(f"{username} is free.")


@command.command("rename", epilog="Example: trackone accounts rename asmith amelia.smith")
@click.argument("who")
@click.argument("username")
@apply_option
@click.pass_obj
def rename(edge: Edge, who: str, username: str, *, apply: bool) -> None:
    """Give an account a username by hand; the old one stays reserved for it."""
    from connector.services.accounts import rename_plan

    _do(edge, rename_plan(edge.parts, who, username.strip()), "accounts rename", apply=apply)


@command.command("approve", epilog="Example: trackone accounts approve asmith")
@click.argument("who", nargs=-1, required=True)
@click.option("--off", is_flag=True, help="Withdraw the approval: the account can no longer sign in.")
@apply_option
@click.pass_obj
def approve(edge: Edge, who: tuple[str, ...], *, off: bool, apply: bool) -> None:
    """Let accounts sign in, or with --off no longer."""
    from connector.services import accounts

    _edit(
        edge,
        who,
        accounts.disapprove if off else accounts.approve,
        "approve --off" if off else "approve",
        apply=apply,
    )


@command.command("unlock", epilog="Example: trackone accounts unlock asmith")
@click.argument("who", nargs=-1, required=True)
@apply_option
@click.pass_obj
def unlock(edge: Edge, who: tuple[str, ...], *, apply: bool) -> None:
    """End a lock-out."""
    from connector.services import accounts

    _edit(edge, who, accounts.unlock, "unlock", apply=apply)


@command.command("archive", epilog="Example: trackone accounts archive asmith")
@click.argument("who", nargs=-1, required=True)
@apply_option
@click.pass_obj
def archive(edge: Edge, who: tuple[str, ...], *, apply: bool) -> None:
    """Archive accounts; a sync will not restore what a person archived."""
    from connector.services import accounts

    _edit(edge, who, accounts.archive, "archive", apply=apply)


@command.command("restore", epilog="Example: trackone accounts restore asmith")
@click.argument("who", nargs=-1, required=True)
@apply_option
@click.pass_obj
def restore(edge: Edge, who: tuple[str, ...], *, apply: bool) -> None:
    """Bring archived accounts back into use."""
    from connector.services import accounts

    _edit(edge, who, accounts.restore, "restore", apply=apply)


@command.command("roles", epilog='Example: trackone accounts roles asmith --add "Student Portal"')
@click.argument("who", nargs=-1, required=True)
@click.option("--add", multiple=True, help="Give this role; may be repeated.")
@click.option("--remove", multiple=True, help="Take this role; may be repeated.")
@apply_option
@click.pass_obj
def roles(edge: Edge, who: tuple[str, ...], add: tuple[str, ...], remove: tuple[str, ...], *, apply: bool) -> None:
    """Give and take roles by hand."""
    from connector.services.accounts import change_roles

    _edit(edge, who, change_roles(add, remove, *_site_roles(edge)), "roles", apply=apply)


@command.command("set-password", epilog="Example: trackone accounts set-password asmith")
@click.argument("who")
@click.option("--stdin", is_flag=True, help="Read the password from standard input, not from a prompt.")
@click.pass_obj
def set_password(edge: Edge, who: str, *, stdin: bool) -> None:
    """Give an account a password; asked for without showing it, kept only as an argon2id verifier."""
    from connector.credentials import password_verifier
    from connector.domain.errors import ConfigError
    from connector.services.accounts import find_one
    from connector.services.accounts import set_password as keep

    with edge.parts.store.view() as accounts:
        find_one(accounts, who)
    if stdin:
        secret = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        secret = click.prompt("New password", hide_input=True, confirmation_prompt=True)
    else:
        raise ConfigError("There is no terminal to ask for the password", hint="Give it on standard input: --stdin")
    if len(secret) < MINIMUM:
        raise ConfigError(f"The password is shorter than {MINIMUM} characters; nothing was changed")
    account = keep(edge.parts, who, password_verifier(secret), ORIGIN, actor())
    edge.say(f"{account.username} has a new password.")


@command.command("erase", epilog="Example: trackone accounts erase asmith --apply")
@click.argument("who")
@apply_option
@click.pass_obj
def erase(edge: Edge, who: str, *, apply: bool) -> None:
    """Remove an account for ever, with every image of it in the record of runs. This cannot be undone.

    Reports in [run] reports that name it are deleted; those you wrote with -o, and backups, are yours to delete.
    """
    from connector.bootstrap import build_reports
    from connector.report.accounts import account_text
    from connector.services.accounts import erase as remove
    from connector.services.accounts import find_one

    with edge.parts.store.view() as accounts:
        edge.say(account_text(find_one(accounts, who), **edge.look))
    if confirmed("Erase this account for ever?", apply=apply):
        reports = remove(edge.parts, who, ORIGIN, actor(), build_reports(edge.settings))
        edge.say(f"Erased, and with it {reports} of the reports in [run] reports." if reports else "Erased.")


MINIMUM = 8


def _all(edge: Edge, user_type: str | None) -> Iterator["Account"]:
    from connector.domain.account import UserType

    with edge.parts.store.view() as accounts:
        yield from accounts.accounts(UserType(user_type) if user_type else None)


def _holds(account: "Account", text: str) -> bool:
    said = (account.username, account.sis_code, account.given_names, account.family_name, account.email)
    return (
        any(text in one.casefold() for one in said)
        or text in f"{account.given_names} {account.family_name}".casefold()
    )


def _site_roles(edge: Edge) -> tuple[tuple[str, ...], frozenset[str]]:
    return edge.settings.store.roles, edge.settings.rules.roles.student_roles


def _edit(edge: Edge, who: tuple[str, ...], change: "Edit", name: str, *, apply: bool) -> None:
    from connector.services.accounts import edit_plan

    _do(edge, edit_plan(edge.parts, who, change), f"accounts {name}", apply=apply)


def _do(edge: Edge, plan: "Plan", name: str, *, apply: bool) -> None:
    """Show a plan and do it, if a person or --apply says so."""
    from connector.report.plan_text import plan_text
    from connector.services.apply import apply_plan

    edge.say(plan_text(plan, command="" if apply else edge.again, **edge.look))
    if plan.changes and confirmed("Do this now?", apply=apply):
        with edge.progress() as progress:
            tell(edge, apply_plan(edge.parts, plan, ORIGIN, actor(), command=name, progress=progress))
