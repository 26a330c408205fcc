"""Verifiers of passwords that people know."""

from unicodedata import normalize

from connector.domain.errors import ConfigError

# OWASP Password Storage Cheat Sheet: argon2id with 19 MiB of memory, two passes, one lane.
MEMORY_KIBIBYTES = 19 * 1024
PASSES = 2
LANES = 1


def password_verifier(password: str) -> str:
    """The argon2id verifier (RFC 9106, in PHC text form) of a password; takes some 20 milliseconds.

    Raises ConfigError for text that cannot be a password.
    """
    from argon2 import PasswordHasher  # noqa: PLC0415 - a sync without passwords does not pay for it

    hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIBIBYTES, parallelism=LANES)
    return hasher.hash(prepared(password))


def prepared(password: str) -> bytes:
    """The password as it is compared: Unicode form C, as RFC 8265 section 4.2 has it, in UTF-8."""
    try:
        return normalize("NFC", password).encode()
    except UnicodeEncodeError:
        raise ConfigError("the password is not valid text", hint="set it again, in UTF-8") from None
