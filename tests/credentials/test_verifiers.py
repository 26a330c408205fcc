"""Verifiers say yes to the one right password, and hold nothing of it."""

import base64
import hmac
import math
import secrets
import string
from random import Random

import pytest

from connector.credentials import activation_credentials, check, password_verifier
from connector.credentials.activation import SECRET_LENGTH, activation_verifier, fresh_secrets
from connector.domain.errors import ConfigError

KEY = bytes(range(32))
SIGNS = set((string.ascii_letters + string.digits).encode())


def test_a_secret_is_strong_enough():
    """A secret is 19 letters and digits, which is more than 112 bits; none comes twice."""
    assert SECRET_LENGTH * math.log2(len(SIGNS)) > 112
    made = fresh_secrets(secrets.token_bytes, 500)
    assert len(set(made)) == 500
    assert {len(secret) for secret in made} == {SECRET_LENGTH}
    assert set(b"".join(made)) <= SIGNS


def test_every_sign_is_equally_likely():
    """Of all 256 bytes 248 are used, four for each sign; the others are drawn again."""
    draws = iter([bytes(range(248, 256)) * 5, *[bytes(range(start, start + 31)) for start in range(0, 248, 31)]])
    used = b"".join(fresh_secrets(lambda _count: next(draws), 248 // SECRET_LENGTH))
    assert {used.count(sign) for sign in SIGNS} <= {3, 4}
    table = [fresh_secrets(lambda count, byte=byte: bytes([byte]) * count, 1)[0][:1] for byte in range(248)]
    assert {table.count(sign) for sign in set(table)} == {4}
    assert len(set(table)) == 62


def test_activation_credentials_must_be_changed():
    """Each is salted anew, asks for a new password, and is another's only by chance."""
    draw = activation_credentials(KEY, secrets.token_bytes)
    made = [draw() for _ in range(1000)]
    assert all(one.must_change and one.expires is None for one in made)
    parts = [one.verifier.split("$") for one in made]
    assert {len(base64.b64decode(salt)) for _, salt, _ in parts} == {15}
    assert {len(base64.b64decode(digest)) for _, _, digest in parts} == {64}
    assert len({salt for _, salt, _ in parts}) == len({digest for _, _, digest in parts}) == 1000


def test_an_activation_credential_is_of_the_secret_that_was_drawn():
    """Salt and secret are those drawn for it, so that the verifier knows that secret and no other."""
    random = Random(2026)
    again = Random(2026)
    draw = activation_credentials(KEY, random.randbytes)
    for ahead in (1, 2, 4):
        salts = again.randbytes(15 * ahead)
        for number, secret in enumerate(fresh_secrets(again.randbytes, ahead)):
            salt = base64.b64encode(salts[number * 15 : number * 15 + 15]).decode()
            assert draw().verifier == activation_verifier(secret, salt, KEY)


def test_an_activation_verifier_is_an_hmac():
    """The digest is the HMAC-SHA-512, under a key derived from the store's, of salt and secret."""
    derived = hmac.digest(KEY, b"trackone-connector activation secrets v1", "sha512")
    expected = hmac.digest(derived, b"salt$secret", "sha512")
    assert activation_verifier(b"secret", "salt", KEY) == f"hmac-sha512$salt${base64.b64encode(expected).decode()}"


@pytest.mark.parametrize(
    "make", [lambda: activation_verifier(b"Abc123", "salt", KEY), lambda: password_verifier("Abc123")]
)
def test_only_the_right_password_passes(make):
    """Both kinds of verifier tell the password from others."""
    verifier = make()
    assert check(verifier, "Abc123", KEY)
    assert [wrong for wrong in ("", "abc123", "Abc1234", "Abc123 ", "\0") if check(verifier, wrong, KEY)] == []


def test_an_activation_secret_needs_the_key():
    """Without the store's key nothing can be told from a verifier."""
    assert not check(activation_verifier(b"Abc123", "salt", KEY), "Abc123", bytes(32))


@pytest.mark.parametrize(
    "verifier", ["", "shared:1", "Abc123", "hmac-sha512$", "$argon2id$", "$argon2id$v=19$bad$x$y"]
)
def test_no_usable_verifier_lets_nobody_in(verifier):
    """An empty, unresolved or broken verifier never matches, not even itself."""
    assert not check(verifier, "Abc123", KEY)
    assert not check(verifier, verifier, KEY)


def test_passwords_are_hashed_as_advised():
    """argon2id with 19 MiB, two passes and one lane; equal passwords have different verifiers."""
    first, second = password_verifier("Abc123"), password_verifier("Abc123")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second


def test_a_password_is_the_same_however_it_is_typed():
    """Composed and decomposed signs are one password."""
    assert check(password_verifier("Zoe\u0308"), "Zo\u00eb", KEY)


def test_text_that_is_no_text_is_refused():
    """A lone surrogate, as a wrongly encoded environment variable gives, is a configuration error."""
    with pytest.raises(ConfigError, match="not valid text"):
        password_verifier("abc\udcff")
    assert not check("", "abc\udcff", KEY)
