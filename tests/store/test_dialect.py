"""Statements as PostgreSQL wants them."""

import pytest

from connector.store import statements
from connector.store.dialect import _gathered, _marked, _plain_insert, _with_array


def test_keys_become_one_array():
    """A list of keys is one parameter, each key once; what stands before and behind stays where it is."""
    statement = "SELECT a FROM t WHERE b = ? AND c IN (?, ?, ?) AND d LIKE 'x%' AND e = ?"
    assert _with_array(statement) == "SELECT a FROM t WHERE b = %s AND c = ANY(%s) AND d LIKE 'x%%' AND e = %s"
    assert _gathered(statement, (1, 2, 3, 3, 4)) == (1, [2, 3], 4)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (statements.INSERT_SIGHTING, ("sightings", ())),
        (statements.INSERT_CREATION, ("outcomes", ("create", "", "", ""))),
        (statements.REPLACE_SIGHTING, None),
        (statements.NOTE_SIGHTING, None),
        (statements.UPDATE_ACCOUNT, None),
        ("INSERT INTO t (a, b) VALUES (?, now())", None),
        ("INSERT INTO t (a, b) VALUES (?, NULL)", None),
    ],
)
def test_only_a_plain_insert_is_a_copy(statement, expected):
    """An INSERT of values becomes a COPY with its constants last; anything more does not."""
    found = _plain_insert(statement)
    assert (found and (found.copy.split()[1], found.constants)) == expected


def test_every_mark_becomes_one():
    """No statement of ours has a question mark that is not a parameter."""
    texts = [one for name, one in vars(statements).items() if name.isupper() and isinstance(one, str)]
    assert len(texts) > 20
    for text in texts:
        assert _marked(text).count("%s") == text.count("?")
        assert "'?'" not in text
