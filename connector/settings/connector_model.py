"""The keys of connector.toml: what each means, what it may be, and what it is when it is left out."""

import re
from datetime import timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from connector.settings.connection_model import ConnectionTable, check_connection
from connector.settings.faults import shown, wrong
from connector.settings.operation_model import (
    MonitoringTable,
    NoticesTable,
    RetentionTable,
    RunTable,
    SlipsTable,
)
from connector.settings.preset_model import ColumnsTable, StatusTable
from connector.settings.tables import Table, option, section
from connector.settings.value_kinds import (
    DateFormats,
    Day,
    Days,
    Dn,
    Dns,
    Encoding,
    Exclusions,
    Filter,
    OptionalPath,
    OptionalSpan,
    PathText,
    Percent,
    SecretTable,
    Span,
    WordList,
    YearPattern,
)

STATES = ("ACT", "NSW", "NT", "QLD", "SA", "TAS", "VIC", "WA")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _read_state(value: object) -> str:
    state = value.upper() if isinstance(value, str) else None
    if state not in ("", *STATES):
        raise wrong(f"{shown(value)} is not one of {', '.join(STATES)}")
    return str(state)


def _read_store_url(value: object) -> str:
    loopback = r"scim\+http://(localhost|127\.0\.0\.1)[:/]"  # for tests on this machine
    known = rf"(sqlite:///|postgresql\+psycopg://|scim\+https://|{loopback})[^\x00-\x1f]{{1,1000}}"
    if not isinstance(value, str) or not re.fullmatch(known, value):
        raise wrong('expected "sqlite:///FILE", "postgresql+psycopg://HOST/DATABASE" or "scim+https://HOST/scim/v2"')
    return value


def _read_schema(value: object) -> str:
    if not isinstance(value, str) or (value and not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", value)):
        raise wrong(f'expected a name of lower-case letters, digits and _, e.g. "riverside", not {shown(value)}')
    return value


def _read_state_url(value: object) -> str:
    if not isinstance(value, str) or (value and not re.fullmatch(r"sqlite:///[^\x00-\x1f]{1,1000}", value)):
        raise wrong('expected "sqlite:///FILE", e.g. state = "sqlite:///trackone-state.db"')
    return value


def _read_public_url(value: object) -> str:
    if not isinstance(value, str) or (value and not re.fullmatch(r"https?://[^/\s]\S{0,1000}", value)):
        raise wrong('expected an address such as "https://trackone.school.example/scim/v2"')
    return value


def _read_console_url(value: object) -> str:
    if not isinstance(value, str) or (value and not re.fullmatch(r"https://[^/\s?#]{1,253}/?", value)):
        raise wrong('expected an address with TLS and without a path, e.g. "https://trackone-admin.school.example"')
    return value.rstrip("/")


def _check_access_life(value: timedelta) -> timedelta:
    if not timedelta(hours=1) <= value <= timedelta(hours=6):
        raise wrong('expected "1h" to "6h"')
    return value


class SchoolTable(Table):
    """The school itself."""

    name: str = option("The school's name, for reports.", '"Riverside College"', default="")
    state: Annotated[str, BeforeValidator(_read_state)] = option(
        'The Australian state. In NSW and the ACT a bare year level "K" is the year before Year 1, elsewhere the '
        "year before that.",
        '"QLD"',
        default="",
    )
    school_year: int | None = option(
        "The school year the export belongs to, for {cohort} and {intake}. Left out: the calendar year of the run.",
        "2026",
        default=None,
        ge=1900,
        le=2200,
    )


class SisTable(Table):
    """The student information system and how it is read."""

    reader: Literal["csv", "oneroster", "oneroster-rest", "sql"] = option(
        "How the SIS is read: a CSV export, OneRoster CSV files, OneRoster REST or SQL.", '"csv"', default="csv"
    )
    path: PathText = option(
        "csv: the file, or the folder where the preset joins files; oneroster: folder or .zip.",
        '"students.csv"',
        default="students.csv",
    )
    preset: OptionalPath = option(
        "The SIS whose columns and words are used, from mappings/sis/, or a file.", '"tass"', default=""
    )
    url: str = option(
        "oneroster-rest: the service's address; sql: a SQLAlchemy URL.", '"https://sis.example"', default=""
    )
    query: str = option("sql: the SELECT that gives the students.", '"SELECT * FROM vStudents"', default="")
    sis_code_from: Literal["auto", "identifier", "sourcedId"] = option(
        "OneRoster: which field is the SIS code. auto takes identifier where every student has one, else "
        "sourcedId, and keeps to that choice.",
        '"identifier"',
        default="auto",
    )
    mode: Literal["", "bulk", "delta"] = option(
        "bulk: the export holds every student; delta: only what changed. Left out: as the source says.",
        '"bulk"',
        default="",
    )
    encoding_fallback: Encoding = option(
        "The encoding of an export that is not UTF-8. Left out: such an export is refused.", '"cp1252"', default=""
    )
    date_formats: DateFormats = option(
        "How dates are written; tried in order, day and month are never guessed.",
        '["%d/%m/%Y"]',
        default=("%Y-%m-%d",),
    )
    html_unescape: bool = option(
        "Whether names hold HTML such as `&#039;` that is to be decoded.", "true", default=False
    )
    null_dates: Days = option(
        "Dates that mean there is none.", '["1900-01-01"]', default=("1899-12-30", "1900-01-01", "0001-01-01")
    )
    ignore_role_dates: bool = option(
        "OneRoster: whether begin and end of roles are left aside.", "true", default=False
    )
    min_age: Span = option("How long the export must have lain unchanged before it is read.", '"30s"', default="0s")
    max_age: OptionalSpan = option(
        "How old the export may be; older is refused. Left out: any age.", '"36h"', default=""
    )
    as_of: Day = option(
        "The day the statuses are judged by. Left out: the day of the run.", '"2026-02-01"', default=""
    )
    columns: ColumnsTable = section(ColumnsTable)
    status: StatusTable = section(StatusTable)
    connection: ConnectionTable = section(ConnectionTable)

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        check_connection(self)
        return self


class MappingTable(Table):
    """Where the rules for usernames, roles, passwords and scope are."""

    file: PathText = option("The mapping file.", '"mappings/students.toml"', default="mappings/students.toml")


class AttributesTable(Table):
    """Which attribute of the directory holds what; left out: the habit of the directory's type."""

    login: str = option("The login name (sAMAccountName; OpenLDAP: uid).", '"sAMAccountName"', default="")
    key: str = option("The SIS code (employeeID; OpenLDAP: employeeNumber).", '"employeeID"', default="")
    upn: str = option("The user principal name.", '"userPrincipalName"', default="")
    mail: str = option("The e-mail address.", '"mail"', default="")
    given: str = option("The given name.", '"givenName"', default="")
    family: str = option("The family name.", '"sn"', default="")
    disabled: str = option(
        "An attribute whose TRUE means that the account is disabled.", '"loginDisabled"', default=""
    )


class DirectoryTable(Table):
    """The school's directory, which is only read. Left out: no cross-check."""

    url: str = option(
        "Where the directory is: ldaps://, ldap:// with start_tls, or ldif:FILE for an export.",
        '"ldaps://dc1.school.example"',
    )
    type: Literal["auto", "active-directory", "openldap"] = option(
        "What kind of directory it is.", '"active-directory"', default="auto"
    )
    base: Dn = option("The DN below which the students are.", '"OU=Students,DC=school,DC=example"', default="")
    bases: Dns = option(
        "Several such DNs, instead of base.", '["OU=Junior,DC=school", "OU=Senior,DC=school"]', default=()
    )
    filter: Filter = option(
        "Which entries are people. Left out: as the type has it.", '"(objectClass=user)"', default=""
    )
    exclude: Exclusions = option(
        "Entries that are left out: DNs, below which all are, or filters.",
        '["OU=Service,DC=school,DC=example"]',
        default=(),
    )
    bind_dn: str = option("The account that reads.", '"CN=svc-trackone,OU=Service,DC=school,DC=example"', default="")
    bind_password: SecretTable | None = option(
        "Where that account's password is.", '{ env = "TRACKONE_LDAP_PASSWORD" }', default=None
    )
    ca_file: OptionalPath = option(
        "The certificate authority that signed the server's certificate.", '"school-ca.pem"', default=""
    )
    start_tls: bool = option("Whether an ldap:// connection turns to TLS before signing in.", "true", default=False)
    allow_plaintext: bool = option(
        "Whether ldap:// without TLS is allowed; only to this machine.", "true", default=False
    )
    timeout: Span = option("How long a read may take in all, retries included.", '"60s"', default="60s")
    year_ou: YearPattern = option(
        "Where a student of a year belongs: {year}, {intake} (year of entry) or {cohort} (year of finishing).",
        '"OU=Year {year},OU=Students"',
        default="",
    )
    rollover_grace: Span = option(
        "How long before and after New Year an account may also lie with the year before or after.",
        '"28d"',
        default="28d",
    )
    upn_suffixes: WordList = option(
        "The suffixes a UPN may have. Left out: those the directory itself allows, where it says.",
        '["school.example"]',
        default=(),
    )
    leavers_ou: Dn = option("Where people who left are kept; a DN or its first part.", '"OU=Leavers"', default="")
    expires_soon: Span = option("How long before its end an account is reported.", '"14d"', default="14d")
    stale: Span = option("After how long without a sign-in an account is reported.", '"90d"', default="90d")
    policy: Literal["report", "require", "adopt"] = option(
        "What the directory decides: nothing (report), who gets an account (require: only people with an enabled "
        "matching login), or the username as well (adopt: the directory's login).",
        '"report"',
        default="report",
    )
    attributes: AttributesTable = section(AttributesTable)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        scheme, host = urlsplit(self.url).scheme, urlsplit(self.url).hostname
        if scheme == "ldif":
            return self
        if scheme not in ("ldap", "ldaps") or not host:
            raise wrong('expected "ldaps://HOST", "ldap://HOST" with start_tls, or "ldif:FILE"', "url")
        if scheme == "ldaps" and self.start_tls:
            raise wrong("ldaps:// is TLS from the start; leave start_tls out", "start_tls")
        if scheme == "ldap" and not self.start_tls and not (self.allow_plaintext and host in _LOOPBACK):
            raise wrong("ldap:// sends the password in clear; use ldaps://, or add start_tls = true", "url")
        self._check_search()
        return self

    def _check_search(self) -> None:
        if self.base and self.bases:
            raise wrong("give base or bases, not both", "bases")
        if not self.base and not self.bases:
            raise wrong('missing; e.g. base = "OU=Students,DC=school,DC=example"', "base")
        if self.bind_dn and self.bind_password is None:
            raise wrong(
                'missing beside bind_dn; e.g. bind_password = { env = "TRACKONE_LDAP_PASSWORD" }', "bind_password"
            )
        if self.bind_password is not None and not self.bind_dn:
            raise wrong("missing beside bind_password; name the account that reads", "bind_dn")


class StoreTable(Table):
    """The TrackOne user store."""

    url: Annotated[str, BeforeValidator(_read_store_url)] = option(
        "Where the accounts are kept: a SQLite file, PostgreSQL, or a TrackOne elsewhere over SCIM.",
        '"sqlite:///trackone.db"',
        default="sqlite:///trackone.db",
    )
    state: Annotated[str, BeforeValidator(_read_state_url)] = option(
        "With a store elsewhere: where runs, reservations and tokens are kept.",
        '"sqlite:///trackone-state.db"',
        default="",
    )
    token: SecretTable | None = option(
        "With a store elsewhere: where the bearer token for its SCIM endpoint is.",
        '{ env = "TRACKONE_STORE_TOKEN" }',
        default=None,
    )
    ca_file: OptionalPath = option(
        "With a store elsewhere: the certificate authority of that endpoint, where this machine does not know it.",
        '"school-ca.pem"',
        default="",
    )
    schema_name: Annotated[str, BeforeValidator(_read_schema)] = option(
        "With PostgreSQL: the schema of this school, made where it is missing.", '"riverside"', default=""
    )
    password: SecretTable | None = option(
        "With PostgreSQL: where the password of the user in url is.",
        '{ env = "TRACKONE_DATABASE_PASSWORD" }',
        default=None,
    )
    key_file: PathText = option(
        "With PostgreSQL: the file with the key that signs plans, the same on every machine.",
        '"trackone.key"',
        default="trackone.key",
    )
    roles: WordList = option(
        "The roles the site knows; a rule that names another is refused. Left out: any name is taken.",
        '["Student Security", "Student Portal", "Access for SLT, ELT, CLT"]',
        default=(),
    )

    @model_validator(mode="after")
    def _elsewhere(self) -> Self:
        if self.url.startswith("scim+") and self.token is None:
            raise wrong('missing for a store elsewhere; e.g. token = { env = "TRACKONE_STORE_TOKEN" }', "token")
        return self


class GuardTable(Table):
    """The limits of a run; beyond them it refuses and writes nothing."""

    max_archives: Percent = option("Most accounts one run may archive.", '"10%"', default="10%")
    max_renames: Percent = option("Most accounts one run may rename.", '"5%"', default="5%")
    max_shrink: Percent = option("Most students that may be missing since the last run.", '"10%"', default="10%")
    max_rejects: Percent = option("Most rows that may be unreadable.", '"2%"', default="2%")
    min_population: int = option(
        "Below this many students only the rules against all or none act.", "20", default=20, ge=0
    )
    plan_expires: Span = option("How long a plan may be applied after it was made.", '"24h"', default="24h")


class ScimTable(Table):
    """The SCIM endpoint for Entra ID and Okta."""

    host: str = option("The address it listens on.", '"0.0.0.0"', default="127.0.0.1")
    port: int = option("The port it listens on.", "8080", default=8080, ge=1, le=65535)
    public_url: Annotated[str, BeforeValidator(_read_public_url)] = option(
        "The address clients reach it by, through the proxy.", '"https://trackone.school.example/scim/v2"', default=""
    )
    max_deactivations: Percent = option(
        "Most SIS-owned accounts one client may deactivate, delete or rename in 24 hours.", '"10%"', default="10%"
    )
    workers: int = option("How many processes answer requests.", "2", default=2, ge=1, le=64)
    rate: int = option(
        "Most requests a second of one token, counted in each process; further ones get 429.",
        "2000",
        default=2_000,
        ge=25,
    )
    burst: int = option("So many requests of one token may come at once.", "10000", default=10_000, ge=25)
    access_token_life: Annotated[Span, AfterValidator(_check_access_life)] = option(
        "How long an access token of OAuth client credentials lives, from 1h to 6h.", '"1h"', default="1h"
    )


class ConsoleTable(Table):
    """The admin console."""

    host: str = option(
        "The address it listens on; beyond this machine only behind TLS.", '"0.0.0.0"', default="127.0.0.1"
    )
    port: int = option("The port it listens on.", "8081", default=8081, ge=1, le=65535)
    public_url: Annotated[str, BeforeValidator(_read_console_url)] = option(
        "The address people reach it by, through a reverse proxy with TLS on which it then relies for the visitor's "
        "address. Left out: it is used directly.",
        '"https://trackone-admin.school.example"',
        default="",
    )
    session: Span = option("How long a sign-in lasts in all.", '"8h"', default="8h")
    idle: Span = option("How long a sign-in lasts without a click.", '"30m"', default="30m")
    operators: Dns = option(
        "Directory groups whose members may sign in with their network account and change things.",
        '["CN=TrackOne Operators,OU=Groups,DC=school,DC=example"]',
        default=(),
    )
    viewers: Dns = option(
        "Directory groups whose members may sign in with their network account and look.",
        '["CN=TrackOne Viewers,OU=Groups,DC=school,DC=example"]',
        default=(),
    )

    @model_validator(mode="after")
    def _behind_tls(self) -> Self:
        if self.host not in _LOOPBACK and not self.public_url:
            raise wrong(
                "missing beside a host beyond this machine: passwords would be sent in clear. Put the console behind "
                'a reverse proxy with TLS, e.g. public_url = "https://trackone-admin.school.example"',
                "public_url",
            )
        return self


Side = Literal["sis", "scim"]


class AuthorityTable(Table):
    """Whose value stands when both the SIS and a SCIM client know a student."""

    names: Side = option("Given and family names.", '"sis"', default="sis")
    year: Side = option("The year level.", '"sis"', default="sis")
    campus: Side = option("The campus.", '"sis"', default="sis")
    sis_code: Side = option("The SIS code.", '"sis"', default="sis", alias="sisCode")
    username: Side = option("The username.", '"sis"', default="sis")
    email: Side = option("The e-mail address.", '"scim"', default="scim")
    active: Side = option("Whether the account may be used.", '"scim"', default="scim")
    external_id: Side = option("The client's own id.", '"scim"', default="scim", alias="externalId")


class ConnectorFile(Table):
    """connector.toml."""

    school: SchoolTable = section(SchoolTable)
    sis: SisTable = section(SisTable)
    mapping: MappingTable = section(MappingTable)
    directory: DirectoryTable | None = Field(None)
    store: StoreTable = section(StoreTable)
    guard: GuardTable = section(GuardTable)
    scim: ScimTable = section(ScimTable)
    console: ConsoleTable = section(ConsoleTable)
    authority: AuthorityTable = section(AuthorityTable)
    run: RunTable = section(RunTable)
    monitoring: MonitoringTable = section(MonitoringTable)
    notices: NoticesTable = section(NoticesTable)
    retention: RetentionTable = section(RetentionTable)
    slips: SlipsTable = section(SlipsTable)
