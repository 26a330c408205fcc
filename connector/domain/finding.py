"""Facts about the data that a person should know: stable code, severity, subject, evidence, suggestion."""

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How much a finding asks of its reader."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for error."""
        return ("info", "warning", "error").index(self.value)


# Severities as rules.md 31 decides; a code in neither set is info.
ERRORS = frozenset(
    {
        "username-differs",
        "login-belongs-to-another",
        "no-username",
        "missing-in-directory",
        "deleted-in-directory",
        "duplicate-key-in-directory",
        "duplicate-key-in-sis",
        "duplicate-username",
        "duplicate-email",
        "proposed-username-collides",
        "login-too-long",
        "incomplete-read",
        "suspicious-shrink",
    }
)
WARNINGS = frozenset(
    {
        "whitespace-differs",
        "fold-differs",
        "matched-by-name-only",
        "disabled",
        "locked",
        "expired",
        "password-expired",
        "password-not-required",
        "leavers-ou-but-active",
        "left-but-enabled",
        "key-missing",
        "upn-differs",
        "login-has-forbidden-characters",
        "rename-breaks-login",
        "rejected-row",
        "code-not-in-sis",
    }
)


def severity_of(code: str) -> Severity:
    """The severity of a finding code."""
    if code in ERRORS:
        return Severity.ERROR
    return Severity.WARNING if code in WARNINGS else Severity.INFO


class Finding(NamedTuple):
    """One fact; fields that do not apply are None. `confidence` (0 to 1) is given only where it is a guess.

    `reason` is the code of the skip or finding behind it, where that decides who can act; it is no output.
    """

    code: str
    severity: Severity
    sis_code: str | None = None
    username: str | None = None
    login: str | None = None
    dn: str | None = None
    detail: str | None = None
    suggestion: str | None = None
    confidence: float | None = None
    reason: str | None = None


def finding(
    code: str,
    *,
    sis_code: str | None = None,
    username: str | None = None,
    login: str | None = None,
    dn: str | None = None,
    detail: str | None = None,
    suggestion: str | None = None,
    confidence: float | None = None,
    reason: str | None = None,
) -> Finding:
    """A Finding with the severity its code has; empty text becomes None."""
    return Finding(
        code,
        severity_of(code),
        sis_code or None,
        username or None,
        login or None,
        dn or None,
        detail or None,
        suggestion or None,
        confidence,
        reason or None,
    )
