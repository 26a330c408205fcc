"""connector.toml as frozen values; what adapters and services are built from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from connector.domain.limits import DirectoryRules, GuardLimits
from connector.domain.ruleset import RuleSet, SecretRef
from connector.domain.scim import ScimRules


@dataclass(frozen=True, slots=True)
class SchoolSettings:
    """[school]: `state` decides what a bare "K" means, `school_year` the cohort (None: the run's year)."""

    name: str = ""
    state: str = ""
    school_year: int | None = None


@dataclass(frozen=True, slots=True)
class SisConnection:
    """[sis.connection] with [sis] url and query: how a live SIS is reached.

    `auth` is oauth2, oauth1-sha256, oauth1-sha1 or bearer; `version` 1.1, 1.2 or "". `secret` is where the one
    secret is that this way of signing in needs (client secret, token or password). `timeout` is for a whole read;
    `full_every` None reads everything each time.
    """

    url: str = ""
    query: str = ""
    auth: str = "oauth2"
    client_id: str = ""
    secret: SecretRef | None = None
    token_url: str = ""
    scopes: tuple[str, ...] = ()
    version: str = ""
    page_size: int = 1000
    full_every: timedelta | None = None
    timeout: timedelta = timedelta(minutes=15)
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class SisSettings:
    """[sis], with its preset already merged in.

    `columns` maps a canonical field to its headers, the first present wins; `status` maps a canonical status
    to its words, lower-case. `null_dates` are dates that mean none. `html_unescape`, `encoding_fallback` and
    `date_formats` (strptime patterns in order) are as rules.md 42 says. `preset_options` are what a preset
    says beyond columns and words (files to join, key names); the reader that knows them reads them.
    """

    reader: str = "csv"
    path: Path = Path("students.csv")
    preset: str = ""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    status: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sis_code_from: str = "auto"
    mode: str = ""
    encoding_fallback: str = ""
    date_formats: tuple[str, ...] = ("%Y-%m-%d",)
    html_unescape: bool = False
    null_dates: tuple[str, ...] = ("1899-12-30", "1900-01-01", "0001-01-01")
    ignore_role_dates: bool = False
    min_age: timedelta = timedelta(0)
    max_age: timedelta | None = None
    as_of: str = ""
    preset_options: Mapping[str, object] = field(default_factory=dict)
    extra_columns: tuple[str, ...] = ()
    connection: SisConnection = field(default_factory=SisConnection)


@dataclass(frozen=True, slots=True)
class DirectoryAttributes:
    """[directory.attributes]: which LDAP attribute holds what; "" for the type's own habit.

    `disabled` is a further attribute whose TRUE means that the account is disabled.
    """

    login: str = ""
    key: str = ""
    upn: str = ""
    mail: str = ""
    given: str = ""
    family: str = ""
    disabled: str = ""


@dataclass(frozen=True, slots=True)
class DirectorySettings:
    """[directory]: where and how it is read, and what it is compared by (`rules`)."""

    url: str
    type: str = "auto"
    bases: tuple[str, ...] = ()
    filter: str = ""
    exclude: tuple[str, ...] = ()
    bind_dn: str = ""
    bind_password: SecretRef | None = None
    ca_file: Path | None = None
    start_tls: bool = False
    allow_plaintext: bool = False
    timeout: timedelta = timedelta(seconds=60)
    attributes: DirectoryAttributes = field(default_factory=DirectoryAttributes)
    rules: DirectoryRules = field(default_factory=lambda: DirectoryRules(policy="report"))


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """[store]: a SQLAlchemy URL, relative SQLite paths already made absolute, and the roles the site knows.

    `schema_name`, `password` (the secret itself) and `key_file` are for PostgreSQL only. `remote` is the address of
    a TrackOne elsewhere, with `token` (the secret itself) and `ca_file`; `url` is then where its state is kept.
    `password_at` is where the password is found when a move goes to PostgreSQL from a store that needs none.
    """

    url: str = "sqlite:///trackone.db"
    roles: tuple[str, ...] = ()
    schema_name: str = ""
    password: str = field(default="", repr=False)
    key_file: Path = Path("trackone.key")
    remote: str = ""
    token: str = field(default="", repr=False)
    ca_file: Path | None = None
    password_at: SecretRef | None = None


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """[console]: where it listens, how long a sign-in lasts, which directory groups may sign in.

    `public_url` is the address behind a reverse proxy with TLS, "" where the console is used directly.
    """

    host: str = "127.0.0.1"
    port: int = 8081
    public_url: str = ""
    session: timedelta = timedelta(hours=8)
    idle: timedelta = timedelta(minutes=30)
    operators: tuple[str, ...] = ()
    viewers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScimSettings:
    """[scim] and [authority]: where the endpoint listens, how clients reach it, and what they may do.

    `rate` and `burst` are requests a second and at once, of one token in one of the `workers` processes.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    workers: int = 2
    rate: int = 2_000
    burst: int = 10_000
    access_token_life: timedelta = timedelta(hours=1)
    rules: ScimRules = field(default_factory=ScimRules)


@dataclass(frozen=True, slots=True)
class RunSettings:
    """[run] and [monitoring]: how often, where reports go, and where the run can be watched (port 0: nowhere)."""

    every: timedelta = timedelta(hours=1)
    jitter: timedelta = timedelta(minutes=2)
    reports: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    token: SecretRef | None = None


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Who gets notices by mail, and by which server; `security` is starttls, tls or none."""

    to: tuple[str, ...]
    sender: str
    host: str
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: SecretRef | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Where notices are posted to."""

    url: str
    token: SecretRef | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class NoticeSettings:
    """[notices]: what is told (changed, refused, failed, recovered), with names or without, and by which ways."""

    when: frozenset[str] = frozenset({"refused", "failed", "recovered"})
    remind: timedelta = timedelta(hours=24)
    names: bool = False
    mail: MailSettings | None = None
    webhook: WebhookSettings | None = None


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """[retention]: how long the details of runs and their reports are kept; None for ever."""

    runs: timedelta | None = timedelta(days=400)
    reports: timedelta | None = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class SlipSettings:
    """[slips]: where students sign in, and a folder of further fonts."""

    address: str = ""
    fonts: Path | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything connector.toml and its mapping file say, checked.

    `path` is the connector.toml.
    """

    path: Path
    school: SchoolSettings
    sis: SisSettings
    rules: RuleSet
    store: StoreSettings
    directory: DirectorySettings | None = None
    guard: GuardLimits = field(default_factory=GuardLimits)
    scim: ScimSettings = field(default_factory=ScimSettings)
    console: ConsoleSettings = field(default_factory=ConsoleSettings)
    run: RunSettings = field(default_factory=RunSettings)
    notices: NoticeSettings = field(default_factory=NoticeSettings)
    retention: RetentionSettings = field(default_factory=RetentionSettings)
    slips: SlipSettings = field(default_factory=SlipSettings)
    warnings: tuple[str, ...] = ()
