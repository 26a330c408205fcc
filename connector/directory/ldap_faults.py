"""What an LDAP server's refusals mean, in words an administrator can act on."""

import re
import socket
import ssl

from connector.directory.ldap_page import Result
from connector.directory.ldap_session import LinkError
from connector.domain.errors import DirectoryError

# Result codes (RFC 4511, appendix A)
SUCCESS = 0
_OPERATIONS_ERROR, _TIME_LIMIT, _SIZE_LIMIT, _STRONGER_AUTH = 1, 3, 4, 8
_REFERRAL, _ADMIN_LIMIT, _NO_CRITICAL_EXTENSION, _CONFIDENTIALITY = 10, 11, 12, 13
NO_SUCH_OBJECT, _INVALID_DN = 32, 34
_INAPPROPRIATE_AUTH, _INVALID_CREDENTIALS, INSUFFICIENT_ACCESS = 48, 49, 50
_BUSY, _UNAVAILABLE, _UNWILLING = 51, 52, 53
TRANSIENT = frozenset((_BUSY, _UNAVAILABLE))
"""A server that starts, stops or is too busy answers so; a moment later it may not."""

HIDDEN = frozenset((NO_SUCH_OBJECT, INSUFFICIENT_ACCESS, _NO_CRITICAL_EXTENSION))
"""How servers say that somebody may not see a part of them."""

_NAMES = {
    1: "operationsError", 2: "protocolError", 3: "timeLimitExceeded", 4: "sizeLimitExceeded",
    7: "authMethodNotSupported", 8: "strongerAuthRequired", 10: "referral", 11: "adminLimitExceeded",
    12: "unavailableCriticalExtension", 13: "confidentialityRequired", 18: "inappropriateMatching",
    32: "noSuchObject", 34: "invalidDNSyntax", 48: "inappropriateAuthentication", 49: "invalidCredentials",
    50: "insufficientAccessRights", 51: "busy", 52: "unavailable", 53: "unwillingToPerform", 80: "other",
}  # fmt: skip

# "data NNN" of Active Directory's answer to a refused sign-in: Windows error codes in hexadecimal ([MS-ERREF] 2.2)
_AD_SUB_CODE = re.compile(r"\bdata ([0-9a-f]{1,8})\b", re.IGNORECASE)
_ACCOUNT = {
    "525": ("there is no such account", "Check bind_dn: a DN, or NAME@DOMAIN."),
    "52e": (
        "the name or the password is wrong",
        "Check bind_dn, and the password where bind_password says it is; five wrong tries may lock the account.",
    ),
    "530": ("the account may not sign in at this time of day", "Lift the account's logon hours in the directory."),
    "531": (
        "the account may not sign in from this computer",
        'Lift "Log on to" (userWorkstations) of the account in the directory.',
    ),
    "532": (
        "the account's password has expired",
        "Give it a new one, set it never to expire, and put the new one where bind_password says it is.",
    ),
    "533": ("the account is disabled", "Enable it in the directory."),
    "568": ("the account is in too many groups", "Take it out of groups; it needs none but Domain Users."),
    "701": ("the account has expired", "Set its expiry date to never in the directory."),
    "773": (
        "the account must change its password first",
        'Take "must change password at next logon" off the account, or set a new password without it.',
    ),
    "775": ("the account is locked", "Unlock it in the directory; look for whoever tries it with a wrong password."),
}
# PasswordPolicyResponseValue.error (draft-behera-ldap-password-policy, 6.2)
_POLICY = {0: _ACCOUNT["532"], 1: _ACCOUNT["775"], 2: _ACCOUNT["773"]}


class LostError(DirectoryError):
    """The connection ended before the read did; another attempt may go through."""


def code_words(code: int) -> str:
    """A result code with its name."""
    return f"{_NAMES.get(code, 'result')} ({code})"


def bind_fault(where: str, name: str, result: Result, policy_error: int | None) -> DirectoryError:
    """Why the server refused the sign-in."""
    who = f"signing in as {name}" if name else "reading without signing in"
    if result.code == _INVALID_CREDENTIALS:
        found = _AD_SUB_CODE.search(result.message)
        said = _ACCOUNT.get(found[1].lower()) if found else _POLICY.get(-1 if policy_error is None else policy_error)
        why, hint = said or _ACCOUNT["52e"]
        sub = f", data {found[1].lower()}" if found else ""
        return DirectoryError(f"{where}: {who} was refused: {why} ({code_words(result.code)}{sub})", hint=hint)
    if result.code in (_STRONGER_AUTH, _CONFIDENTIALITY):
        return DirectoryError(
            f"{where}: {who} was refused: the server wants TLS first ({code_words(result.code)})",
            hint="Use ldaps://, or start_tls = true with ldap://.",
        )
    if result.code == _INVALID_DN:
        return DirectoryError(
            f"{where}: {who} was refused: bind_dn is no name this server understands ({code_words(result.code)})",
            hint='Write it as in "CN=svc-trackone,OU=Service,DC=school,DC=example"; Active Directory also takes '
            "NAME@DOMAIN.",
        )
    if result.code in (_INAPPROPRIATE_AUTH, _UNWILLING) and not name:
        return DirectoryError(
            f"{where}: {who} was refused ({code_words(result.code)})", hint="Set bind_dn and bind_password."
        )
    if result.code in TRANSIENT:
        return LostError(f"{where}: {who} was refused for now: {_said(result)}", hint="Try again later.")
    return DirectoryError(
        f"{where}: {who} was refused: {_said(result)}",
        hint="Check bind_dn and bind_password, and the server's log for this sign-in.",
    )


_SEARCH = {
    NO_SUCH_OBJECT: (
        'base "{base}" is not there, or the account may not see it{nearest}',
        "Check [directory] base, letter by letter, and the rights of bind_dn.",
    ),
    _SIZE_LIMIT: (
        "the server's size limit ended the read {after} ({code}); nothing of it is used",
        (
            "Lift the limit for bind_dn. OpenLDAP: limits dn.exact=BIND_DN size=unlimited; Active Directory has none "
            "for pages, so look for a proxy before it."
        ),
    ),
    _TIME_LIMIT: (
        "the server's time limit ended the read {after} ({code}); nothing of it is used",
        "Index the attributes of [directory] filter on the server, or lift the limit for bind_dn.",
    ),
    _REFERRAL: (
        'the server refers to another one for "{base}": {referrals}',
        (
            "Referrals are not followed, since the password would be sent there: name that server in url, or "
            "correct base."
        ),
    ),
    INSUFFICIENT_ACCESS: (
        'the account may not read "{base}": {said}',
        "Give bind_dn the right to read there, or set bind_dn where there is none.",
    ),
    _NO_CRITICAL_EXTENSION: (
        "the server cannot give its entries in pages ({code})",
        'Export the directory and read the file instead: url = "ldif:export.ldif".',
    ),
}
_SEARCH[_ADMIN_LIMIT] = _SEARCH[_SIZE_LIMIT]
_SEARCH[_INAPPROPRIATE_AUTH] = _SEARCH[INSUFFICIENT_ACCESS]
_OTHER_SEARCH = (
    'the search under "{base}" failed {after}: {said}',
    "Check [directory] base and filter, and the server's log.",
)


def search_fault(where: str, base: str, result: Result, entries: int) -> DirectoryError:
    """Why a search did not end well; `entries` had come until then."""
    after = f"after {entries:,} entries"
    if result.code in TRANSIENT:
        return LostError(f"{where}: the server gave up {after}: {_said(result)}", hint="Try again later.")
    code = INSUFFICIENT_ACCESS if _must_bind(result) else result.code
    words, hint = _SEARCH.get(code, _OTHER_SEARCH)
    said = words.format(
        base=base or "the server's own description",
        nearest=f"; the nearest that it sees is {result.matched}" if result.matched else "",
        after=after,
        code=code_words(result.code),
        referrals=", ".join(result.referrals) or "unnamed",
        said=_said(result),
    )
    return DirectoryError(f"{where}: {said}", hint=hint)


def page_fault(where: str, size: int) -> DirectoryError:
    """A full page came, and no word on whether there is another (RFC 2696, 3)."""
    return DirectoryError(
        f"{where}: a full page of {size:,} entries came, and not whether more follow; nothing of it is used",
        hint="Something before the server may drop what it says of pages: name the server itself in [directory] url, "
        'or read an export: url = "ldif:export.ldif".',
    )


def start_tls_fault(where: str, result: Result) -> DirectoryError:
    """Why the server did not turn to TLS."""
    return DirectoryError(
        f"{where}: the server refuses StartTLS: {_said(result)}",
        hint="It needs a certificate of its own for that; see docs/directory.md. Or use ldaps://.",
    )


def link_fault(where: str, ip: str, error: LinkError) -> DirectoryError:
    """Why the connection could not be made, or was lost, below LDAP."""
    cause, stage = error.cause, error.stage
    if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLEOFError):
        return _tls_fault(where, cause)
    if stage == "connect":
        return _unreachable(where, ip, cause)
    if isinstance(cause, TimeoutError):
        return DirectoryError(
            f"{where}: the server took the connection and then said nothing ({stage})",
            hint="Is it an LDAP server, and not overloaded? [directory] timeout says how long to wait.",
        )
    if isinstance(cause, OSError):
        return LostError(
            f"{where}: the connection was lost ({stage}: {cause.strerror or cause})",
            hint="Try again; if it happens often, look at the server's log and at what lies between.",
        )
    return not_ldap(where, f"{stage}: {cause or type(cause).__name__}")


def not_ldap(where: str, why: str) -> DirectoryError:
    """Something listens there, but it does not speak LDAP."""
    return DirectoryError(
        f"{where}: what answers there does not speak LDAP ({' '.join(why.split())[:80]})",
        hint="Check the host and port in [directory] url: ldaps is 636, ldap 389.",
    )


def too_slow(where: str, seconds: float, entries: int) -> DirectoryError:
    """The time for the whole read has passed."""
    return DirectoryError(
        f"{where}: no whole read within {seconds:g} s; {entries:,} entries had come",
        hint="If the server is well and only slow, raise [directory] timeout.",
    )


def unknown_host(where: str, host: str, why: str) -> DirectoryError:
    """The name has no address."""
    return DirectoryError(
        f"{where}: the name {host} has no address ({why})",
        hint="Check [directory] url, and that this machine asks the school's DNS server.",
    )


def _unreachable(where: str, ip: str, cause: BaseException) -> DirectoryError:
    if isinstance(cause, ConnectionRefusedError):
        return LostError(
            f"{where}: {ip} refuses the connection",
            hint="Is the server running, is the port right (ldaps 636, ldap 389), does a firewall let it through?",
        )
    if isinstance(cause, TimeoutError | socket.timeout):
        return DirectoryError(
            f"{where}: {ip} does not answer",
            hint="Is the host up, is the port right, does a firewall let it through?",
        )
    if isinstance(cause, ConnectionError | ssl.SSLEOFError):
        return LostError(
            f"{where}: {ip} closed the connection before TLS was agreed",
            hint="A domain controller without a certificate does that; see docs/directory.md.",
        )
    return LostError(f"{where}: {ip} cannot be reached ({cause})", hint="Check the network and [directory] url.")


def _tls_fault(where: str, cause: ssl.SSLError) -> DirectoryError:
    reason = (cause.reason or str(cause)).replace("_", " ").lower()
    if "wrong version number" in reason or "record layer failure" in reason or "packet length" in reason:
        return DirectoryError(
            f"{where}: what answers there does not speak TLS",
            hint="With ldaps:// the port is 636; for port 389 use ldap:// with start_tls = true.",
        )
    return DirectoryError(
        f"{where}: no TLS connection: {reason}",
        hint="TLS 1.2 or later is needed, with a certificate that is not older than its strength.",
    )


def _must_bind(result: Result) -> bool:
    """How Active Directory and Samba answer a search without a sign-in."""
    words = ("bind must be completed", "without authentication")
    return result.code == _OPERATIONS_ERROR and any(one in result.message for one in words)


def _said(result: Result) -> str:
    """The code and the server's own words, on one line and not too long."""
    words = one_line(result.message)
    return f"{code_words(result.code)}: {words}" if words else code_words(result.code)


def one_line(text: str) -> str:
    """What a server says, on one line and not too long."""
    return " ".join(text.replace("\0", " ").split())[:200]
