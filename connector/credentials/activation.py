"""Single-use activation secrets: strong enough that a keyed hash will do, so that a million take seconds.

NIST SP 800-63B-4, 3.1.2.2 allows an approved hash for look-up secrets of at least 112 bits. The HMAC key is
derived from the plan key (a labelled HMAC, after NIST SP 800-108), which is kept outside the database.
"""

import hmac
import string
from binascii import b2a_base64
from collections.abc import Callable, Iterator
from hashlib import sha512
from typing import Any

from connector.domain.ports import Credential

SCHEME = "hmac-sha512"
_BEGINNING = f"{SCHEME}$".encode()
SECRET_LENGTH = 19
"""Letters and digits in a secret: 19 times log2(62) is 113 bits."""

_ALPHABET = (string.ascii_letters + string.digits).encode()
_SALT_BYTES, _SALT_LENGTH = 15, 20
# Bytes from 248 on are dropped, so that each of the 62 signs is equally likely.
_EVEN = 256 - 256 % len(_ALPHABET)
_SIGNS = bytes(_ALPHABET[byte % len(_ALPHABET)] for byte in range(256))
_DROPPED = bytes(range(_EVEN, 256))
# One byte in 32 is dropped; twice as many are drawn beyond what is wanted.
_SPARE_BYTES = 16
_MOST_AHEAD = 256
_BLOCK_BYTES = 128
_INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))
_LABEL = b"trackone-connector activation secrets v1"

RandomBytes = Callable[[int], bytes]
"""So many random bytes, as secrets.token_bytes gives them."""


def activation_credentials(key: bytes, random: RandomBytes) -> Callable[[], Credential]:
    """Makes credentials, each for a fresh secret forgotten at once; they must be changed at the first sign-in.

    Nobody can sign in with one until a new secret is set and told to the person. `key` is the store's plan key.
    """
    return _credentials(key, random).__next__


def fresh_secrets(random: RandomBytes, count: int) -> list[bytes]:
    """So many times SECRET_LENGTH random letters and digits."""
    signs, wanted = b"", count * SECRET_LENGTH
    while len(signs) < wanted:
        signs += random(wanted + wanted // 16 + _SPARE_BYTES).translate(_SIGNS, _DROPPED)
    return [signs[start : start + SECRET_LENGTH] for start in range(0, wanted, SECRET_LENGTH)]


def _credentials(key: bytes, random: RandomBytes) -> Iterator[Credential]:
    """One after the other; drawn more and more at a time, since to ask the system costs more than all else."""
    begun, ahead = _begun(key), 1
    while True:
        salts = b2a_base64(random(_SALT_BYTES * ahead), newline=False)
        for number, secret in enumerate(fresh_secrets(random, ahead)):
            salt = salts[number * _SALT_LENGTH : (number + 1) * _SALT_LENGTH]
            yield tuple.__new__(Credential, (_verifier(secret, salt, begun), True, None))
        ahead = min(2 * ahead, _MOST_AHEAD)


def activation_verifier(secret: bytes, salt: str, key: bytes) -> str:
    """`hmac-sha512$SALT$DIGEST`: the HMAC-SHA-512 of salt and secret, both in base64."""
    return _verifier(secret, salt.encode(), _begun(key))


def _verifier(secret: bytes, salt: bytes, begun: tuple[Any, Any]) -> str:
    inner, outer = begun[0].copy(), begun[1].copy()
    inner.update(salt + b"$" + secret)
    outer.update(inner.digest())
    return (_BEGINNING + salt + b"$" + b2a_base64(outer.digest(), newline=False)).decode("ascii")


def _begun(key: bytes) -> tuple[Any, Any]:
    """The two SHA-512 states that begin every HMAC under a key: RFC 2104 section 4 keeps them for speed."""
    derived = hmac.digest(key, _LABEL, "sha512").ljust(_BLOCK_BYTES, b"\0")
    return sha512(derived.translate(_INNER_PAD)), sha512(derived.translate(_OUTER_PAD))
