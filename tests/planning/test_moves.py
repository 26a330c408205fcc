"""Renames that must happen together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.planning.moves import Move, settle

CASES = [
    ("a free name", {1: Move("a", "x")}, {"a": 1}, {1}),
    ("a name held by somebody who stays", {1: Move("a", "b")}, {"a": 1, "b": 2}, set()),
    ("a swap", {1: Move("a", "b"), 2: Move("b", "a")}, {"a": 1, "b": 2}, {1, 2}),
    ("a chain into a free name", {1: Move("a", "b"), 2: Move("b", "c")}, {"a": 1, "b": 2}, {1, 2}),
    ("a chain that ends at a wall", {1: Move("a", "b"), 2: Move("b", "c")}, {"a": 1, "b": 2, "c": 3}, set()),
    ("two who want one name: the first has it", {1: Move("a", "x"), 2: Move("b", "x")}, {"a": 1, "b": 2}, {1}),
    ("only the case differs", {1: Move("a", "a")}, {"a": 1}, {1}),
]


@pytest.mark.parametrize(("name", "wishes", "held", "expected"), CASES, ids=[case[0] for case in CASES])
def test_which_moves_stand(name, wishes, held, expected):
    """The wishes that can come true together are found, and no others."""
    assert settle(wishes, held.get) == expected, name


@given(st.permutations(range(30)), st.sets(st.integers(0, 29)))
def test_what_stands_never_collides(targets, staying):
    """After all standing moves no two accounts share a name, whatever cycles and chains there are."""
    held = {f"n{i}": i for i in range(30)}
    wishes = {i: Move(f"n{i}", f"n{target}") for i, target in enumerate(targets) if i not in staying}
    moving = settle(wishes, held.get)
    after = [wishes[i].target if i in moving else f"n{i}" for i in range(30)]
    assert len(set(after)) == len(after)
