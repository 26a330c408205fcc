"""One-time passwords that are typed from paper."""

import random
import re
from collections import Counter

import pytest

from connector.credentials import check, typable_password, verifiers
from connector.credentials.typable import SIGNS


def source(seed):
    """Random bytes that can be had again."""
    return random.Random(seed).randbytes


def test_a_password_can_be_typed_and_is_no_word():
    """Three groups of four signs; no vowel, and none of the signs that look alike."""
    for seed in range(200):
        word = typable_password(source(seed))
        assert re.fullmatch(r"[b-df-hj-km-np-tv-z2-9]{4}(-[b-df-hj-km-np-tv-z2-9]{4}){2}", word), word
    assert set(SIGNS) & set("aeiou01l") == set()


def test_every_sign_is_as_likely_as_any_other():
    """Over 24,000 signs none is more than a fifth away from its share, and no password comes twice."""
    draw = source(7)
    words = [typable_password(draw) for _ in range(2000)]
    counts = Counter("".join(words).replace("-", ""))
    share = sum(counts.values()) / len(SIGNS)
    assert set(counts) == set(SIGNS)
    assert all(0.8 * share < count < 1.2 * share for count in counts.values())
    assert len(set(words)) == 2000


@pytest.mark.parametrize("byte", [255, 254, 253, 252])
def test_bytes_that_would_favour_some_signs_are_dropped(byte):
    """Beyond the last multiple of 28 a byte counts for nothing."""
    given = [bytes([byte]) * 16, bytes(range(12)) + bytes([byte]) * 4]
    assert typable_password(lambda _count: given.pop(0)) == "bcdf-ghjk-mnpq"


def test_verifiers_come_in_the_order_of_the_passwords():
    """Made two at a time, each is that of its own password, and progress is told to the end."""
    words = ["kmwt-7hqf-p3xz", "bcdf-ghjk-mnpq", "zzzz-9999-zzzz"]
    told = []
    made = verifiers(words, told.append)
    assert told == [1, 2, 3]
    assert [[check(one, word, b"") for word in words] for one in made] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
