"""Whether a password is the one a verifier stands for."""

import hmac

from connector.credentials.activation import SCHEME, activation_verifier
from connector.credentials.password import prepared


def check(verifier: str, password: str, key: bytes) -> bool:
    """Whether the password is right, compared in constant time; never for an empty or unknown verifier.

    `key` is the store's plan key. A shared verifier is looked up by its reference before.
    """
    if verifier.startswith(f"{SCHEME}$"):
        salt = verifier.split("$")[1]
        return hmac.compare_digest(activation_verifier(prepared(password), salt, key), verifier)
    return verifier.startswith("$argon2id$") and _is_argon2(verifier, prepared(password))


def _is_argon2(verifier: str, password: bytes) -> bool:
    from argon2 import PasswordHasher  # noqa: PLC0415 - as costly to import as a hash is to make
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

    try:
        return PasswordHasher().verify(verifier, password)
    except (VerificationError, InvalidHashError):
        return False
