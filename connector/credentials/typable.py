"""One-time passwords that a child can type from paper, and their verifiers."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from connector.credentials.activation import RandomBytes
from connector.credentials.password import password_verifier

# No vowels, so that no word comes out; no l, 0 and 1, which look alike on paper.
SIGNS = "bcdfghjkmnpqrstvwxyz23456789"
GROUPS, GROUP_LENGTH = 3, 4
"""Twelve signs of 28 are 57 bits: by argon2id far beyond guessing within the days such a password lasts."""

POOL = 2
"""argon2id fills memory: more at once are no faster."""

_EVEN = 256 - 256 % len(SIGNS)


def typable_password(random: RandomBytes) -> str:
    """A fresh password such as `kmwt-7hqf-p3xz`; each sign is equally likely."""
    signs = ""
    while len(signs) < GROUPS * GROUP_LENGTH:
        signs += "".join(SIGNS[byte % len(SIGNS)] for byte in random(16) if byte < _EVEN)
    return "-".join(signs[at : at + GROUP_LENGTH] for at in range(0, GROUPS * GROUP_LENGTH, GROUP_LENGTH))


def verifiers(passwords: Sequence[str], progress: Callable[[int], None]) -> list[str]:
    """The argon2id verifiers of the passwords, in their order; `progress` is told how many are done."""
    done: list[str] = []
    with ThreadPoolExecutor(POOL) as pool:
        for verifier in pool.map(password_verifier, passwords):
            done.append(verifier)
            progress(len(done))
    return done
