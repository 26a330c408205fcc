"""The only module that knows every adapter: builds the Parts of one school from its Settings.

Adapters are imported inside the functions that build them, so that a command pays only for what it uses.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connector.domain.client import ClientKeys
from connector.domain.console import ConsoleRecord, NetworkSignIn, Role
from connector.domain.errors import ConfigError
from connector.domain.limits import DirectoryRules
from connector.domain.operation import Deliver, Journal, ReportFolder
from connector.domain.ports import AlignmentRecords, Clock, Credential, Directory, RunWriter, Source, Store
from connector.domain.ruleset import SecretRef
from connector.domain.turn import Turns
from connector.mapping.roles import student_roles
from connector.services.parts import CredentialMaker, Parts, asked_groups
from connector.services.provision import Provision
from connector.settings.values import DirectorySettings, Settings

if TYPE_CHECKING:
    from connector.services.attend import Operation
    from connector.store.move import StoreMove
    from connector.store.open import Reach


def system_clock() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place where the clock comes from


def build(settings: Settings, environ: Mapping[str, str], clock: Clock = system_clock) -> Parts:
    """The school of these settings, ready to work. Raises ConfigError and StoreError."""
    store = _store(settings, clock)
    return Parts(
        source=_source(settings, environ, clock),
        store=store,
        rules=settings.rules,
        limits=settings.guard,
        clock=clock,
        credentials=_credentials(settings, store, environ),
        scope=_scope(settings),
        version=version("trackone-connector"),
        directory=_directory(settings, environ, clock),
        alignments=store if isinstance(store, AlignmentRecords) else None,
        directory_rules=settings.directory.rules if settings.directory else DirectoryRules(),
    )


def build_network_sign_in(settings: Settings, environ: Mapping[str, str]) -> NetworkSignIn | None:
    """How people sign in to the console with their network account; None where no group may. Raises ConfigError."""
    console, directory = settings.console, settings.directory
    if not console.operators and not console.viewers:
        return None
    if directory is None or directory.url.startswith("ldif:"):
        raise ConfigError(
            f"{settings.path.name}: [console] operators and viewers need a [directory] that can be asked",
            hint="An export holds no passwords: name the server, or leave the groups out and use one-time links.",
        )
    from connector.directory.sign_in import DirectorySignIn
    from connector.settings.secrets import resolve_secret

    base = settings.path.parent
    password = resolve_secret(directory.bind_password, environ, base) if directory.bind_password else ""
    groups = {Role.OPERATOR: console.operators, Role.VIEWER: console.viewers}
    return DirectorySignIn(directory, password, groups)


def build_console_record(settings: Settings, clock: Clock = system_clock) -> ConsoleRecord:
    """What the admin console keeps beside the accounts. Raises ConfigError and StoreError."""
    from connector.store.open import open_console_record

    return open_console_record(settings.store.url, clock, _reach(settings))


def build_store(settings: Settings, clock: Clock = system_clock) -> Store:
    """The user store alone, for who needs neither SIS nor directory. Raises ConfigError and StoreError."""
    return _store(settings, clock)


def build_journal(settings: Settings, clock: Clock = system_clock) -> Journal:
    """What is kept of running unattended. Raises ConfigError and StoreError."""
    from connector.store.open import open_journal

    return open_journal(settings.store.url, clock, _reach(settings))


def build_reports(settings: Settings) -> ReportFolder | None:
    """The folder of the reports of unattended syncs; None where none are kept."""
    from connector.operation.folder import Folder

    return Folder(settings.run.reports) if settings.run.reports else None


def build_operation(
    settings: Settings, environ: Mapping[str, str], command: str = "trackone", clock: Clock = system_clock
) -> "Operation":
    """What an unattended sync needs beside the parts; `command` is how this school's commands begin.

    Raises ConfigError and StoreError.
    """
    from connector.services.attend import Operation

    notices, keep = settings.notices, settings.retention
    return Operation(
        school=settings.school.name,
        command=command,
        journal=build_journal(settings, clock),
        when=notices.when,
        remind=notices.remind,
        names=notices.names,
        deliver=tuple(_ways_to_tell(settings, environ, clock)),
        reports=build_reports(settings),
        keep_runs=keep.runs,
        keep_reports=keep.reports,
    )


def _ways_to_tell(settings: Settings, environ: Mapping[str, str], clock: Clock) -> Iterator[Deliver]:
    from connector.settings.secrets import resolve_secret

    def secret(ref: SecretRef | None) -> str:
        return resolve_secret(ref, environ, settings.path.parent) if ref else ""

    mail, webhook = settings.notices.mail, settings.notices.webhook
    if mail is not None:
        from connector.operation.mail import send_mail

        yield partial(send_mail, settings=mail, password=secret(mail.password), clock=clock)
    if webhook is not None:
        from connector.operation.webhook import post_notice

        yield partial(post_notice, settings=webhook, token=secret(webhook.token))


def build_client_keys(settings: Settings, clock: Clock = system_clock) -> ClientKeys:
    """What SCIM clients sign in with. Raises ConfigError and StoreError."""
    from connector.store.open import opened
    from connector.store.tokens import SqlClientKeys

    database = opened(settings.store.url, clock, _reach(settings))
    return SqlClientKeys(database.engine(pooled=True), database.place)


def build_access_key(settings: Settings, clock: Clock = system_clock) -> bytes:
    """What signs the access tokens of SCIM clients: the key beside the store. Raises ConfigError and StoreError."""
    return _store(settings, clock).plan_key()


def build_provision(settings: Settings, environ: Mapping[str, str], clock: Clock = system_clock) -> Provision:
    """What the SCIM edge works with. Raises ConfigError and StoreError."""
    from connector.credentials import password_verifier
    from connector.planning.scim_roles import ScimRoleBook
    from connector.store.open import open_desk

    if settings.store.remote:
        raise ConfigError(
            f"{settings.path.name}: [store] url names a TrackOne elsewhere, which has a SCIM endpoint of its own",
            hint="Let Entra ID or Okta speak to that one; here only syncs, plans and the console work on it.",
        )
    rules = settings.rules
    return Provision(
        desk=open_desk(settings.store.url, clock, _reach(settings)),
        rules=rules,
        scim=settings.scim.rules,
        clock=clock,
        credentials=_credentials(settings, _store(settings, clock), environ),
        verifier=password_verifier,
        book=ScimRoleBook(rules.roles, student_roles(rules.roles)),
        locally=settings.directory is None and rules.passwords.method != "none",
        alert=_alert(settings, environ, clock),
    )


def _alert(settings: Settings, environ: Mapping[str, str], clock: Clock) -> Callable[[str], None]:
    """Tells those who get notices of refusals which SCIM client is held back. Raises ConfigError."""
    from connector.operation.alert import tell_beside
    from connector.report.notice import held_back_notice

    ways = tuple(_ways_to_tell(settings, environ, clock)) if "refused" in settings.notices.when else ()
    return lambda client: tell_beside(held_back_notice(client, settings.school.name), ways)


def _source(settings: Settings, environ: Mapping[str, str], clock: Clock) -> Source:
    sis, school = settings.sis, settings.school
    if sis.reader == "csv":
        from connector.sources.csv_file import csv_source

        return csv_source(sis, school)
    if sis.reader == "oneroster":
        from connector.sources.oneroster import oneroster_source

        return oneroster_source(sis, school)
    from connector.settings.secrets import resolve_secret

    secret = resolve_secret(sis.connection.secret, environ, settings.path.parent) if sis.connection.secret else ""
    if sis.reader == "sql":
        from connector.sources.sql import sql_source

        return sql_source(sis, school, secret, time.monotonic)
    from connector.sources.oneroster_rest import oneroster_rest_source
    from connector.sources.oneroster_rest_service import Times

    return oneroster_rest_source(sis, school, secret, Times(clock, time.monotonic, time.sleep))


def build_turns(settings: Settings, clock: Clock = system_clock) -> Turns:
    """The school's turns in the rounds of a fleet. Raises ConfigError and StoreError."""
    from connector.store.open import opened
    from connector.store.turns import SqlTurns

    database = opened(settings.store.url, clock, _reach(settings))
    return SqlTurns(database.engine(), database.place)


def build_move(
    settings: Settings, url: str, schema_name: str, environ: Mapping[str, str], clock: Clock = system_clock
) -> "StoreMove":
    """A move of the school's store to the one at `url`, relative to connector.toml. Raises ConfigError."""
    from connector.settings.load import sqlite_at
    from connector.store.move import StoreMove
    from connector.store.open import opened

    reach = _reach(settings)
    source = opened(settings.store.url, clock, reach)
    there = reach._replace(schema=schema_name, password=_password_there(settings, url, environ))
    return StoreMove(source, sqlite_at(url, settings.path.parent.absolute()), there, clock)


def _password_there(settings: Settings, url: str, environ: Mapping[str, str]) -> str:
    """The password of [store] for a move to `url`; a store that needs none has not looked for it yet."""
    from connector.settings.secrets import resolve_secret

    store = settings.store
    if store.password or store.password_at is None or urlsplit(url).password or not url.startswith("postgresql"):
        return store.password
    try:
        return resolve_secret(store.password_at, environ, settings.path.parent)
    except ConfigError as error:
        raise ConfigError(f"[store] password: {error.message}", hint=error.hint) from error


def _reach(settings: Settings) -> "Reach":
    from connector.store.open import Reach

    return Reach(settings.store.schema_name, settings.store.password, settings.store.key_file)


def _store(settings: Settings, clock: Clock) -> Store:
    from connector.store.open import open_or_await_store, opened

    at = settings.store
    if not at.remote:
        return open_or_await_store(at.url, clock, _reach(settings))
    from connector.store.remote import RemoteStore
    from connector.store.remote_circuit import Circuit
    from connector.store.remote_client import ScimClient
    from connector.store.sql import SqlStore
    from connector.wire import PromptWire

    circuit = Circuit(time.monotonic)
    client = ScimClient(at.remote.rstrip("/"), at.token, PromptWire(), circuit, str(at.ca_file or ""))
    journal = Path(f"{at.url.removeprefix('sqlite:///')}.pushed")
    return RemoteStore(SqlStore(opened(at.url, clock), clock), client, journal, clock)


def check_directory_form(settings: Settings) -> None:
    """See that [directory] names what can be tried at all: nothing is reached, and no password needed.

    Raises ConfigError.
    """
    if settings.directory is not None:
        _directory_adapter(settings, settings.directory, "any", system_clock)


def _directory(settings: Settings, environ: Mapping[str, str], clock: Clock) -> Directory | None:
    configured = settings.directory
    if configured is None:
        return None
    from connector.settings.secrets import resolve_secret

    secret = None if configured.url.startswith("ldif:") else configured.bind_password
    password = resolve_secret(secret, environ, settings.path.parent) if secret else ""
    return _directory_adapter(settings, configured, password, clock)


def _directory_adapter(settings: Settings, configured: DirectorySettings, password: str, clock: Clock) -> Directory:
    groups = asked_groups(settings.rules)
    if configured.url.startswith("ldif:"):
        from connector.directory.ldif import ldif_directory

        return ldif_directory(configured, settings.path.parent, clock, groups)
    from connector.directory.ldap import ldap_directory

    return ldap_directory(configured, password, clock, groups)


def _credentials(settings: Settings, store: Store, environ: Mapping[str, str]) -> CredentialMaker:
    """What makes the passwords of new accounts: none, one shared default, or an activation secret each."""
    passwords = settings.rules.passwords

    def maker(writer: RunWriter) -> Callable[[], Credential]:
        from connector.credentials import activation_credentials, password_verifier

        if passwords.method == "none":
            return Credential
        if passwords.method == "default" and passwords.default is not None:
            from connector.settings.secrets import resolve_secret

            secret = resolve_secret(passwords.default, environ, settings.path.parent)
            shared = Credential(writer.share_verifier(password_verifier(secret)), must_change=True)
            return lambda: shared
        return activation_credentials(store.plan_key(), secrets.token_bytes)

    return maker


def _scope(settings: Settings) -> str:
    """What the guard's baseline belongs to: the population that is synchronised, wherever it is read from."""
    years = settings.rules.scope.year_levels
    said = "all" if years is None else ",".join(sorted(years))
    return hashlib.sha256(f"Student\n{said}".encode()).hexdigest()[:16]
