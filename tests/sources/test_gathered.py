"""Tables that came page by page: what is kept of a page is what comes back."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.sources.gathered import GatheredTable
from connector.sources.text import PART, UNIT

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x1c\x1d\x1e\x1f"), max_size=3)


def table(*pages: Sequence[Sequence[str]]) -> GatheredTable:
    """A table of two columns; a page is its rows."""
    found = GatheredTable("users", ("id", "name"))
    for page in pages:
        found.add([[row[0] for row in page], [row[1] for row in page]])
    return found


@given(st.lists(st.lists(st.tuples(CELLS, CELLS), max_size=4), max_size=3))
def test_every_row_comes_back(pages: list[list[tuple[str, str]]]) -> None:
    """Whatever the cells are, and however many are alike, each row comes back in its order, as often as asked."""
    found = table(*pages)
    rows = [list(row) for page in pages for row in page]
    assert len(found) == len(rows)
    for _ in range(2):
        assert [cells[:2] for cells in found.records()] == rows
        assert list(found.picked((1, 0))) == [(name, key) for key, name in rows]


@pytest.mark.parametrize("sign", [UNIT, PART])
@pytest.mark.parametrize("alike", [True, False])
def test_signs_that_part_cells_become_blanks(sign: str, alike: bool) -> None:
    """A cell with a sign that rows are parted by stays one cell, in a column of one text as in any other."""
    found = table([("u1", f"a{sign}b"), ("u2", f"a{sign}b" if alike else "c")])
    assert next(found.records()) == ["u1", "a b", "u1"]


def test_where_a_row_stands() -> None:
    """By its first cell; by its number in the table where that is blank or looks like a mark of ours."""
    found = table([("u1", "a"), ("", "b")], [("!3", "c"), ("u4", "d")])
    assert [cells[2] for cells in found.records()] == ["u1", "2", "3", "u4"]


def test_half_a_character() -> None:
    """A row with what no text can be is a fault of its own; the rows about it stay, other pages as they are."""
    found = table([("u1", "a"), ("u2", "\ud83d"), ("u3", "ü")], [("u4", "d")])
    assert [cells[0] for cells in found.records()] == ["u1", "u3", "u4"]
    assert [(one.line, one.cells) for one in found.faults] == [("u2", ["u2", ""])]
    assert list(found.picked((0, 1))) == [("u1", "a"), ("u3", "ü"), ("u4", "d")]
    assert [one.line for one in found.faults] == ["u2"]
