from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.mapping.keys import case_key, fold_key, natural_key

CODES = st.text(st.characters(exclude_characters="\t"), max_size=12)


@pytest.mark.parametrize(
    ("text", "case", "fold"),
    [
        ("ASmith", "asmith", "asmith"),
        ("", "", ""),
        ("Zoë", "zoë", "zoe"),
        ("Zoe\u0308", "zoë", "zoe"),
        ("STRASSE", "strasse", "strasse"),
        ("Straße", "strasse", "strasse"),
        ("ＡＢ１", "ab1", "ab1"),
        ("Łukasz", "łukasz", "lukasz"),
        ("Þór", "þór", "thor"),
        ("İpek", "i̇pek", "ipek"),
    ],
)
def test_keys_of_a_text(text: str, case: str, fold: str) -> None:
    """case_key ignores case and width, fold_key also marks and letters outside ASCII."""
    assert (case, fold) == (case_key(text), fold_key(text))


@pytest.mark.parametrize(
    "ordered",
    [
        ["S2", "S10", "S100"],
        ["007", "7", "8"],
        ["", "0", "00", "1"],
        ["9", "10", "A"],
        ["a1b2", "a1b10", "a2"],
        ["S1", "s1", "S2"],
        ["1", "9" * 9, "1" + "0" * 9, "9" * 120],
        ["S-1", "S-2", "S-11", "S1"],
    ],
)
def test_natural_order(ordered: list[str]) -> None:
    """Codes sort as people sort them: numbers by value, letters without case, ties by the text."""
    backwards = ordered[::-1]
    assert ordered == sorted(backwards, key=natural_key)


@given(st.lists(CODES, unique=True))
def test_natural_order_is_total(codes: list[str]) -> None:
    """Two different codes never have the same natural key, so their order never depends on the input's."""
    keys = sorted(map(natural_key, codes))
    assert all(one < other for one, other in pairwise(keys))


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.sampled_from(["", "S", "x-"]))
def test_natural_order_follows_the_numbers(one: int, other: int, prefix: str) -> None:
    """Codes that differ in a number only are ordered by that number."""
    keys = natural_key(f"{prefix}{one}"), natural_key(f"{prefix}{other}")
    assert (one < other) == (keys[0] < keys[1])


@given(st.text())
def test_ascii_shortcut_changes_nothing(text: str) -> None:
    """The short way for ASCII text gives what the long way gives."""
    ascii_text = text.encode("ascii", "ignore").decode()
    assert ascii_text.casefold() == case_key(ascii_text) == fold_key(ascii_text)
