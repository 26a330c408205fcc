"""The tables of connector.toml for running unattended: the schedule, monitoring, notices, retention, slips."""

import re
from datetime import timedelta
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, model_validator

from connector.settings.faults import shown, wrong
from connector.settings.tables import Table, option
from connector.settings.value_kinds import OptionalPath, OptionalSpan, SecretTable, Span, read_list, read_span

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,255}", re.ASCII)
NOTICES = ("changed", "refused", "failed", "recovered")


def _read_every(value: object) -> timedelta:
    span = read_span(value)
    if not span:
        raise wrong('expected at least "1s"')
    return span


def _read_address(value: object) -> str:
    if not isinstance(value, str) or (value and not _MAIL.fullmatch(value)):
        raise wrong(f'expected a mail address such as "trackone@school.example", not {shown(value)}')
    return value


def _read_addresses(value: object) -> tuple[str, ...]:
    return tuple(_read_address(one) for one in read_list(value))


def _read_occasions(value: object) -> tuple[str, ...]:
    unknown = [one for one in read_list(value) if one not in NOTICES]
    if unknown:
        raise wrong(f"{shown(unknown[0])} is not one of {', '.join(NOTICES)}")
    return read_list(value)


def _read_webhook(value: object) -> str:
    if not isinstance(value, str) or (value and not re.fullmatch(r"https?://[^/\s@]\S{0,2000}", value)):
        raise wrong('expected an address such as "https://hooks.school.example/trackone"')
    if value.startswith("http://") and urlsplit(value).hostname not in _LOOPBACK:
        raise wrong("http:// goes over the network in clear; use https://")
    return value


class RunTable(Table):
    """What `trackone run` does by itself."""

    every: Annotated[timedelta, BeforeValidator(_read_every)] = option(
        "How often it synchronises.", '"1h"', default="1h"
    )
    jitter: Span = option(
        "By how much at most each run is put off at random, so that many schools do not all ask at once.",
        '"2m"',
        default="2m",
    )
    reports: OptionalPath = option(
        "The folder into which every sync that changes something, or is refused, puts its report. Left out: none.",
        '"reports"',
        default="",
    )


class MonitoringTable(Table):
    """Where `/healthz`, `/readyz` and `/metrics` are given beside the console."""

    host: str = option("The address `trackone run` listens on.", '"127.0.0.1"', default="127.0.0.1")
    port: int = option(
        "The port `trackone run` listens on. 0: it does not listen.", "8082", default=0, ge=0, le=65535
    )
    token: SecretTable | None = option(
        "Where the bearer token is that metrics ask of other machines. Left out: only this machine sees metrics.",
        '{ env = "TRACKONE_METRICS_TOKEN" }',
        default=None,
    )


class NoticesTable(Table):
    """Who is told what an unattended run did, by mail and webhook."""

    when: Annotated[tuple[str, ...], BeforeValidator(_read_occasions)] = option(
        "What is told: changed (a run changed accounts), refused (by the guard), failed, recovered (done again after "
        "either).",
        '["refused", "failed", "recovered"]',
        default=("refused", "failed", "recovered"),
    )
    remind: Span = option("How often the same trouble is told again while it lasts.", '"24h"', default="24h")
    names: bool = option(
        "Whether notices name the people whose accounts changed; without, they hold numbers only.",
        "true",
        default=False,
    )
    mail_to: Annotated[tuple[str, ...], BeforeValidator(_read_addresses)] = option(
        "The mail addresses that get notices. Left out: no mail.", '["ict@school.example"]', default=()
    )
    mail_from: Annotated[str, BeforeValidator(_read_address)] = option(
        "The address they come from.", '"trackone@school.example"', default=""
    )
    smtp_host: str = option("The mail server.", '"smtp.school.example"', default="")
    smtp_port: int = option("Its port.", "587", default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = option(
        "How the connection is secured: starttls (port 587), tls (port 465), none (only to this machine).",
        '"starttls"',
        default="starttls",
    )
    smtp_user: str = option("The user it is signed in to as. Left out: without signing in.", '"trackone"', default="")
    smtp_password: SecretTable | None = option(
        "Where that user's password is.", '{ env = "TRACKONE_SMTP_PASSWORD" }', default=None
    )
    webhook: Annotated[str, BeforeValidator(_read_webhook)] = option(
        "The address notices are posted to as JSON; where it is itself a secret, set TRACKONE__NOTICES__WEBHOOK.",
        '"https://hooks.school.example/trackone"',
        default="",
    )
    webhook_token: SecretTable | None = option(
        "Where the bearer token is that goes with it.", '{ env = "TRACKONE_WEBHOOK_TOKEN" }', default=None
    )

    ca_file: OptionalPath = option(
        "The certificate authority that signed the certificate of the mail server or the webhook, where this machine "
        "does not know it.",
        '"school-ca.pem"',
        default="",
    )

    @model_validator(mode="after")
    def _deliverable(self) -> Self:
        if not self.mail_to:
            return self
        if not self.smtp_host:
            raise wrong('missing beside mail_to; e.g. smtp_host = "smtp.school.example"', "smtp_host")
        if not self.mail_from:
            raise wrong('missing beside mail_to; e.g. mail_from = "trackone@school.example"', "mail_from")
        if bool(self.smtp_user) != (self.smtp_password is not None):
            raise wrong("smtp_user and smtp_password go together; give both or neither", "smtp_user")
        if self.smtp_security == "none" and self.smtp_host not in _LOOPBACK:
            raise wrong("mail would go over the network in clear; use starttls or tls", "smtp_security")
        return self


class RetentionTable(Table):
    """How long is kept what tells of people, beyond their accounts."""

    runs: OptionalSpan = option(
        "After this long the record of a run keeps its numbers only: what it did to whom is removed, and it can no "
        'longer be undone. "": never.',
        '"400d"',
        default="400d",
    )
    reports: OptionalSpan = option(
        'After this long the reports in [run] reports are deleted. "": never.', '"90d"', default="90d"
    )


class SlipsTable(Table):
    """The printed slips with one-time passwords."""

    address: str = option(
        "Where students sign in, for the slips.", '"https://riverside.trackone.example"', default=""
    )
    fonts: OptionalPath = option(
        "A folder of fonts for names in scripts that this machine has no font for.", '"fonts"', default=""
    )
