"""Reads connector.toml with everything it points at into Settings, or says all that is wrong with it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from connector.domain.errors import ConfigError
from connector.domain.limits import DirectoryRules, GuardLimits
from connector.domain.ruleset import RuleSet, SecretRef
from connector.domain.scim import Authority, ScimRules
from connector.settings.advice import advice
from connector.settings.connection_model import version_in
from connector.settings.connector_model import AuthorityTable, ConnectorFile, DirectoryTable, MappingTable
from connector.settings.document import Document, checked
from connector.settings.environment import override
from connector.settings.faults import Fault, refuse
from connector.settings.mapping_file import extra_columns, read_rules
from connector.settings.operation_model import NoticesTable
from connector.settings.presets import Merged, merge, read_preset
from connector.settings.secrets import resolve_secret
from connector.settings.toml_file import read_toml
from connector.settings.value_kinds import SecretTable
from connector.settings.values import (
    ConsoleSettings,
    DirectoryAttributes,
    DirectorySettings,
    MailSettings,
    NoticeSettings,
    RetentionSettings,
    RunSettings,
    SchoolSettings,
    ScimSettings,
    Settings,
    SisConnection,
    SisSettings,
    SlipSettings,
    StoreSettings,
    WebhookSettings,
)


def load_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """connector.toml, its SIS preset and its mapping file, with the overrides of `environ`, checked.

    Paths in the file are relative to it; in the Settings they are absolute. Secrets that will be needed are
    looked for, so that a missing one is known before anything is read. Raises ConfigError with a line for each
    fault: file, line, key, what was expected and the next step.
    """
    faults: list[Fault] = []
    document = read_toml(path, faults, "make one with `trackone init`, or name it with -c FILE")
    if document is None:
        refuse(faults)
    document, unknown = override(document, environ, ConnectorFile)
    faults.extend(unknown)
    config = checked(document, ConnectorFile, faults)
    if config is None:
        _read_mapping_anyway(path.parent, document, faults)
        refuse(faults)
    preset = read_preset(_preset_name(config), path.parent, document, faults)
    rules = read_rules(path.parent / config.mapping.file, faults, config.school.state, config.store.roles)
    _check_secrets(config, rules, document, environ, faults)
    if rules is None or faults:
        refuse(faults)
    settings = _settings(path, config, merge(config.sis, *preset), rules, _store(config, environ, path.parent))
    return replace(settings, warnings=tuple(advice(config, settings, document.overrides)))


def _read_mapping_anyway(base: Path, document: Document, faults: list[Fault]) -> None:
    """The mapping file's faults are told together with those of a connector.toml that cannot be used."""
    mapping = checked(document._replace(data=document.data.get("mapping", {})), MappingTable, [])
    if mapping and (base / mapping.file).is_file():
        read_rules(base / mapping.file, faults)


def _preset_name(config: ConnectorFile) -> str:
    """The preset asked for; OneRoster's columns are fixed by the standard, so its preset is always the same."""
    return config.sis.preset or ("oneroster" if config.sis.reader.startswith("oneroster") else "")


def _check_secrets(
    config: ConnectorFile, rules: RuleSet | None, document: Document, environ: Mapping[str, str], faults: list[Fault]
) -> None:
    base, directory = Path(document.file).parent, config.directory
    if directory and directory.bind_password and not directory.url.startswith("ldif:"):
        why = _missing(directory.bind_password.reference, environ, base)
        if why:
            faults.append(document.fault(ConnectorFile, ("directory", "bind_password"), why))
    key, secret = _sis_secret(config)
    if secret and (why := _missing(secret.reference, environ, base)):
        faults.append(document.fault(ConnectorFile, ("sis", "connection", key), why))
    key, secret = _store_secret(config)
    if secret and (why := _missing(secret.reference, environ, base)):
        faults.append(document.fault(ConnectorFile, ("store", key), why))
    for place, table in _operation_secrets(config):
        if why := _missing(table.reference, environ, base):
            faults.append(document.fault(ConnectorFile, place, why))
    if rules and rules.passwords.method == "default" and rules.passwords.default:
        why = _missing(rules.passwords.default, environ, base)
        if why:
            faults.append(Fault(rules.path, 0, "[passwords] default", why))


def _store_secret(config: ConnectorFile) -> tuple[str, SecretTable | None]:
    """The key of the secret that reaching the store needs, and where it is."""
    if config.store.url.startswith("scim+"):
        return "token", config.store.token
    return "password", config.store.password if config.store.url.startswith("postgresql") else None


def _sis_secret(config: ConnectorFile) -> tuple[str, SecretTable | None]:
    """The key of the secret that reading the SIS needs, and where it is."""
    connection = config.sis.connection
    if config.sis.reader == "sql":
        return "password", connection.password
    if config.sis.reader != "oneroster-rest":
        return "", None
    return ("token", connection.token) if connection.auth == "bearer" else ("client_secret", connection.client_secret)


def _operation_secrets(config: ConnectorFile) -> Iterator[tuple[tuple[str, str], SecretTable]]:
    """The secrets that notices and monitoring need, by their keys."""
    notices, monitoring = config.notices, config.monitoring
    if notices.mail_to and notices.smtp_password:
        yield ("notices", "smtp_password"), notices.smtp_password
    if notices.webhook and notices.webhook_token:
        yield ("notices", "webhook_token"), notices.webhook_token
    if monitoring.token:
        yield ("monitoring", "token"), monitoring.token


def _missing(ref: SecretRef, environ: Mapping[str, str], base: Path) -> str:
    """Why the secret cannot be had, or nothing."""
    try:
        resolve_secret(ref, environ, base)
    except ConfigError as error:
        return error.message
    return ""


_STATE = "sqlite:///trackone-state.db"


def _store(config: ConnectorFile, environ: Mapping[str, str], folder: Path) -> StoreSettings:
    table, base = config.store, folder.absolute()
    password = _store_secret(config)[1]
    remote = table.url.removeprefix("scim+") if table.url.startswith("scim+") else ""
    return StoreSettings(
        sqlite_at((table.state or _STATE) if remote else table.url, base),
        table.roles,
        table.schema_name,
        resolve_secret(password.reference, environ, base) if password and not remote else "",
        base / table.key_file,
        remote,
        resolve_secret(password.reference, environ, base) if password and remote else "",
        base / table.ca_file if table.ca_file else None,
        table.password.reference if table.password else None,
    )


def _settings(path: Path, config: ConnectorFile, sis: Merged, rules: RuleSet, store: StoreSettings) -> Settings:
    base, guard = path.parent.absolute(), config.guard
    return Settings(
        path=path,
        school=SchoolSettings(config.school.name, config.school.state, config.school.school_year),
        sis=_sis(sis, base, rules, _connection(config, base)),
        rules=rules,
        store=store,
        directory=_directory(config.directory, base) if config.directory else None,
        guard=GuardLimits(
            guard.max_archives,
            guard.max_renames,
            guard.max_shrink,
            guard.max_rejects,
            guard.min_population,
            guard.plan_expires,
        ),
        scim=_scim(config),
        console=ConsoleSettings(**dict(config.console)),
        run=_run(config, base),
        notices=_notices(config.notices, base),
        retention=RetentionSettings(config.retention.runs, config.retention.reports),
        slips=SlipSettings(config.slips.address, base / config.slips.fonts if config.slips.fonts else None),
    )


def _run(config: ConnectorFile, base: Path) -> RunSettings:
    run, monitoring = config.run, config.monitoring
    reports = base / run.reports if run.reports else None
    token = monitoring.token.reference if monitoring.token else None
    return RunSettings(run.every, run.jitter, reports, monitoring.host, monitoring.port, token)


def _notices(table: NoticesTable, base: Path) -> NoticeSettings:
    password, token = table.smtp_password, table.webhook_token
    ca_file = base / table.ca_file if table.ca_file else None
    mail = MailSettings(
        table.mail_to,
        table.mail_from,
        table.smtp_host,
        table.smtp_port,
        table.smtp_security,
        table.smtp_user,
        password.reference if password else None,
        ca_file,
    )
    webhook = WebhookSettings(table.webhook, token.reference if token else None, ca_file)
    return NoticeSettings(
        frozenset(table.when),
        table.remind,
        table.names,
        mail if table.mail_to else None,
        webhook if table.webhook else None,
    )


def _scim(config: ConnectorFile) -> ScimSettings:
    said, sides = config.scim, config.authority
    authority = Authority(**{name: getattr(sides, name) == "sis" for name in AuthorityTable.model_fields})
    return ScimSettings(
        said.host,
        said.port,
        said.public_url,
        said.workers,
        said.rate,
        said.burst,
        said.access_token_life,
        ScimRules(authority, said.max_deactivations),
    )


def _sis(merged: Merged, base: Path, rules: RuleSet, connection: SisConnection) -> SisSettings:
    keys = merged.keys
    return SisSettings(
        reader=keys["reader"],
        path=base / keys["path"],
        preset=keys["preset"],
        columns=merged.columns,
        status=merged.status,
        sis_code_from=keys["sis_code_from"],
        mode=keys["mode"],
        encoding_fallback=keys["encoding_fallback"],
        date_formats=keys["date_formats"],
        html_unescape=keys["html_unescape"],
        null_dates=keys["null_dates"],
        ignore_role_dates=keys["ignore_role_dates"],
        min_age=keys["min_age"],
        max_age=keys["max_age"],
        as_of=keys["as_of"],
        preset_options=merged.others,
        extra_columns=extra_columns(rules),
        connection=connection,
    )


def _connection(config: ConnectorFile, base: Path) -> SisConnection:
    sis, table = config.sis, config.sis.connection
    _, secret = _sis_secret(config)
    return SisConnection(
        url=sqlite_at(sis.url, base) if sis.reader == "sql" else sis.url,
        query=sis.query,
        auth=table.auth,
        client_id=table.client_id,
        secret=secret.reference if secret else None,
        token_url=table.token_url,
        scopes=table.scopes,
        version=table.version or version_in(sis.url),
        page_size=table.page_size,
        full_every=table.full_every,
        timeout=table.timeout,
        ca_file=base / table.ca_file if table.ca_file else None,
    )


def _directory(table: DirectoryTable, base: Path) -> DirectorySettings:
    names = table.attributes
    return DirectorySettings(
        url=_ldif_at(table.url, base),
        type=table.type,
        bases=table.bases or ((table.base,) if table.base else ()),
        filter=table.filter,
        exclude=table.exclude,
        bind_dn=table.bind_dn,
        bind_password=table.bind_password.reference if table.bind_password else None,
        ca_file=base / table.ca_file if table.ca_file else None,
        start_tls=table.start_tls,
        allow_plaintext=table.allow_plaintext,
        timeout=table.timeout,
        attributes=DirectoryAttributes(
            names.login, names.key, names.upn, names.mail, names.given, names.family, names.disabled
        ),
        rules=DirectoryRules(
            table.policy,
            table.type,
            table.year_ou,
            table.leavers_ou,
            table.expires_soon,
            table.stale,
            table.rollover_grace,
            table.upn_suffixes,
        ),
    )


def _ldif_at(url: str, base: Path) -> str:
    scheme, _, file = url.partition(":")
    return f"ldif:{base / file}" if scheme == "ldif" else url


def sqlite_at(url: str, base: Path) -> str:
    """The URL with a relative SQLite file made absolute; its query stays."""
    prefix, _, rest = url.partition("sqlite:///")
    file, mark, query = rest.partition("?")
    return url if prefix or not rest else f"sqlite:///{base / file}{mark}{query}"
