import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain import ruleset
from connector.domain.errors import ConfigError
from connector.domain.student import Student
from connector.mapping.conditions import condition
from connector.mapping.regex_ways import LONGEST_REPEAT, too_many_ways

NOBODY: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    "pattern",
    [
        "7[A-C]",
        "(?i)7[a-c]?",
        r"\d+[A-Z]{1,2}",
        ".*music.*",
        "(?:7|8|9)(?:MAT|ENG)[0-9]{0,2}",
        "([A-Z]{2,3}-?){1,3}",
        "[^]]*",
        "[(+*]+",
        r"\(a+\)b",
        "(?P<year>1[0-2]|[7-9])(?P=year)?",
        "a(?# once or (twice+)",
        "{}",
        "x{,}",
        r"\N{DIGIT ONE}",
        ".{1,1000}",
    ],
)
def test_ordinary_patterns_are_taken(pattern: str) -> None:
    """What rules are written with is quick on every text, and is taken."""
    re.compile(pattern)
    assert too_many_ways(pattern) == ""


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b",
        "(a|aa)+b",
        "(?:a*)*b",
        "(?:a|a){50}b",
        "(.*)*",
        "([a-z]+ ?)+!",
        ".*.*.*x",
        "a?" * 60 + "a" * 60,
        "(?:a?){50}a{50}",
        "(?:){1000000000}a",
        "(?:(?:(?:){200}){200}){200}a",
        "(?x) (a+) + b",
        "(?:(?ix:(a+) +))b",
        "(?=(a+)+b)a",
        "(?P<x>a+)+b",
    ],
)
def test_a_pattern_that_could_run_for_hours_is_refused(pattern: str) -> None:
    """A repeat inside a repeat, or too many of them, is refused before anything is tried."""
    re.compile(pattern)
    assert too_many_ways(pattern) != ""
    with pytest.raises(ConfigError, match="is not used as a regex"):
        condition(ruleset.Test("homegroup", (pattern,), "regex"))


PIECES = st.recursive(
    st.sampled_from(["a", "b", "[ab]", ".", r"\w", ""]),
    lambda inner: (
        st.builds("(?:{}){}".format, inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "*?", "{0,40}", ""]))
        | st.builds("{}|{}".format, inner, inner)
        | st.builds("{}{}".format, inner, inner)
        | st.builds("(?={})".format, inner)
    ),
    max_leaves=8,
)


@given(PIECES, st.sampled_from(["a" * LONGEST_REPEAT, "ab" * (LONGEST_REPEAT // 2)]))
def test_what_is_taken_is_quick_on_the_worst_of_texts(pattern: str, text: str) -> None:
    """No pattern that is taken needs long to find that a text of full length does not match."""
    pattern = f"(?:{pattern})!"
    if too_many_ways(pattern):
        return
    holds = condition(ruleset.Test("homegroup", (pattern,), "regex"))
    begun = time.process_time()
    holds(Student("S1", homegroup=text), NOBODY, NOBODY)
    assert time.process_time() - begun < 2
