"""The guard's limits, one row a case."""

from dataclasses import replace

import pytest

from connector.domain.limits import GuardLimits
from connector.planning.guard import Measures, judge

LIMITS = GuardLimits()
QUIET = Measures(rows=1000, rejects=0, active=900, population=900, baseline=900, shrunk=0, archives=0, renames=0)


def refused(measures, *, accept=(), attended=False, limits=LIMITS):
    """The codes that refuse and that nobody accepted."""
    return [
        line.code
        for line in judge(measures, limits, accept=accept, attended=attended)
        if line.refused and not line.accepted
    ]


CASES = [
    ("a quiet night passes", {}, []),
    ("ten per cent of the archives still pass", {"archives": 90}, []),
    ("one archive more is refused", {"archives": 91}, ["max-archives"]),
    ("five per cent of renames pass", {"renames": 45}, []),
    ("one rename more is refused", {"renames": 46}, ["max-renames"]),
    ("a tenth of the baseline may be gone", {"shrunk": 90}, []),
    ("more of the baseline gone is a fault", {"shrunk": 91}, ["max-shrink"]),
    ("two per cent of rows may be rejected", {"rejects": 20}, []),
    ("more rejected rows are refused", {"rejects": 21}, ["max-rejects"]),
    ("five of a small part always pass", {"population": 30, "baseline": 30, "archives": 5}, []),
    ("six of thirty do not", {"population": 30, "baseline": 30, "archives": 6}, ["max-archives"]),
    ("a tiny school has no shares", {"population": 12, "baseline": 12, "archives": 9}, []),
    ("but never all of three or more", {"population": 3, "baseline": 3, "archives": 3}, ["max-archives"]),
    ("two of two may be archived while others stay", {"population": 2, "baseline": 12, "archives": 2}, []),
    ("no rows is an empty read", {"rows": 0, "active": 0, "shrunk": 900}, ["max-shrink", "empty-read"]),
    ("nobody active is an empty read", {"active": 0}, ["empty-read"]),
    ("a first run has no baseline to shrink from", {"baseline": None, "shrunk": 0, "population": 0}, []),
    ("a first run of rejects alone is refused", {"baseline": None, "rows": 3, "rejects": 3}, ["max-rejects"]),
    ("a delta may be empty", {"rows": 0, "active": 0, "shrunk": 900, "delta": True}, []),
    ("an incomplete directory that decides", {"directory_fault": "cut"}, ["incomplete-directory"]),
    ("a schedule waits for a changed mapping to be seen", {"mapping_changed": True}, ["mapping-changed"]),
    ("another key field is never taken silently", {"key_changed": "was identifier"}, ["key-changed"]),
]


@pytest.mark.parametrize(("name", "differs", "expected"), CASES, ids=[case[0] for case in CASES])
def test_what_is_refused(name, differs, expected):
    """Each limit lets exactly its share pass, and an empty read never passes."""
    assert refused(replace(QUIET, **differs)) == expected, name


def test_accepting_names_the_code():
    """An accepted refusal stays listed as refused, and only the accepted code passes."""
    lines = judge(replace(QUIET, archives=800, active=0), LIMITS, accept=("max-archives",), attended=False)
    archives = next(line for line in lines if line.code == "max-archives")
    assert (archives.refused, archives.accepted, archives.value, archives.limit) == (True, True, 800, 90)
    assert refused(replace(QUIET, archives=800, active=0), accept=("max-archives",)) == ["empty-read"]


def test_attended_runs_see_a_changed_mapping_but_are_not_stopped():
    """A person who reads the plan has seen the mapping's effect."""
    line = next(
        line
        for line in judge(replace(QUIET, mapping_changed=True), LIMITS, attended=True)
        if line.code == "mapping-changed"
    )
    assert not line.refused
