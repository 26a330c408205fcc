import pytest

from connector.sources.text import PART, UNIT, clean, email_of, is_clean, split_list

CLEANED = {
    "plain text stays": ("Amelia", "Amelia"),
    "outer blanks go": ("  Amelia ", "Amelia"),
    "inner runs become one blank": ("Mary \t  Anne", "Mary Anne"),
    "a line break is a blank": ("Mary\r\nAnne", "Mary Anne"),
    "a no-break space is a blank": ("van\u00a0der\u2003Berg", "van der Berg"),
    "decomposed letters are composed": ("Zoe\u0308", "Zoë"),
    "control signs are blanks": ("A\x07B\x85C", "A B C"),
    "joiners of other scripts stay": ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),
    "the parts of a joined cell are cleaned each": (f" a {PART}  b", f"a{PART}b"),
}

EMAILS = {
    "an address stays": ("s1@x.edu.au", "s1@x.edu.au"),
    "only the domain is lowered": ("Amelia.Smith@X.Edu.AU", "Amelia.Smith@x.edu.au"),
    "a plus and an apostrophe may be in it": ("o'brien+1@x.edu.au", "o'brien+1@x.edu.au"),
    "a domain without a dot is none": ("s1@school", ""),
    "a blank inside is none": ("s 1@x.edu.au", ""),
    "two at-signs are none": ("a@b@x.edu.au", ""),
    "a word is none": ("n/a", ""),
    "nothing before the at-sign is none": ("@x.edu.au", ""),
    "a domain beginning with a hyphen is none": ("a@-x.edu", ""),
}

LISTS = {
    "nothing": ("", ()),
    "one": ("SE", ("SE",)),
    "semicolons part": ("SE; JU", ("SE", "JU")),
    "bars part": ("SE|JU", ("SE", "JU")),
    "a joined cell is parted": (f"SE{PART}JU", ("SE", "JU")),
    "a comma belongs to a name": ("St Mary's, North", ("St Mary's, North",)),
    "each counts once": ("SE;SE;;", ("SE",)),
}


@pytest.mark.parametrize(("text", "expected"), CLEANED.values(), ids=CLEANED)
def test_clean(text: str, expected: str) -> None:
    """A cell has one spelling: NFC, trimmed, single blanks."""
    assert clean(text) == expected


@pytest.mark.parametrize(("text", "expected"), EMAILS.values(), ids=EMAILS)
def test_email(text: str, expected: str) -> None:
    """An address keeps its local part and has its domain in lower case; what is none is empty."""
    assert email_of(text) == expected


@pytest.mark.parametrize(("text", "expected"), LISTS.values(), ids=LISTS)
def test_split_list(text: str, expected: tuple[str, ...]) -> None:
    """A cell of several values is parted by semicolon, bar or what a join puts between."""
    assert split_list(text) == expected


@pytest.mark.parametrize("cell", ["a b", "O'Brien", "", "x@y.z", "Zo\u00eb", "\u738b \u5c0f\u660e"])
def test_plain_rows_need_no_cleaning(cell: str) -> None:
    """A row of plain cells is known as clean, and cleaning it would change nothing."""
    cells = ["2", "S1", cell, "", "Smith"]
    assert is_clean("".join(cells), UNIT.join(cells))
    assert [clean(text) for text in cells] == cells


UNCLEAN = (
    *(" a", "a ", "a  b", "a\tb", "a\x7f", f"a{PART} b", f"a {PART}b", f"a  b{PART}c"),
    *("e\u0301", "\u212b", "a\u00a0b", "\u3000a", "a\u0085", "\u00e9 ", "\u00e9  b"),
)


@pytest.mark.parametrize("cell", UNCLEAN)
def test_rows_that_need_cleaning(cell: str) -> None:
    """A row is not taken for clean when one cell is not, first or last."""
    for cells in (["2", cell, "x"], ["2", "x", cell]):
        assert not is_clean("".join(cells), UNIT.join(cells))
