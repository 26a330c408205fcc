import pytest

from connector.mapping.alphabet import foreign_alphabet, mixes_alphabets


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("Amelia", ""),
        ("Zoë Đặng Þórsdóttir Łukasz", ""),
        ("Иван", "Cyrillic"),
        ("Γιώργος", "Greek"),
        ("李小龙", "Chinese, Japanese or Korean"),
        ("유리", "Hangul"),
        ("さくら", "Hiragana"),
        ("محمد", "Arabic"),
        ("שרה", "Hebrew"),
        ("Smith Иванов", "Cyrillic"),
        ("李David", "Chinese, Japanese or Korean"),
        ("Kaʻiulani", ""),  # the Hawaiian letter ʻokina belongs to no alphabet of its own
        ("O’Brien 2", ""),
        ("", ""),
    ],
)
def test_foreign_alphabets(text: str, foreign: str) -> None:
    """The first alphabet that is not Latin is named; signs and marks belong to none."""
    assert foreign == foreign_alphabet(text)


@pytest.mark.parametrize(
    ("word", "mixed"),
    [
        ("Alice", False),
        ("Алиса", False),
        ("\u0410lice", True),  # a Cyrillic capital A
        ("Αlex", True),  # a Greek capital Alpha
        ("李David", False),  # nobody takes these for one another
        ("", False),
    ],
)
def test_mixed_alphabets(word: str, mixed: bool) -> None:
    """Latin, Cyrillic and Greek letters look alike, so a word that mixes them is confusable."""
    assert mixed == mixes_alphabets(word)
