"""A plan without what a person left out of it."""

import pytest

from connector.services.leave_out import without
from tests.services.school import School, chain, row


@pytest.fixture
def school(tmp_path):
    """Three students whose usernames are their codes."""
    made = School(tmp_path, '[usernames]\nmethod = "student_code"\n[passwords]\nmethod = "none"\n')
    made.write([row("S1", "Ann", "Ash"), row("S2", "Bo", "Bay"), row("S3", "Cy", "Cox")])
    made.apply(made.plan())
    return made


@pytest.mark.parametrize(
    ("left_out", "also", "rest"),
    [
        ([], [], 3),
        ([0], [], 2),  # who gives a name up is free to
        ([2], [0, 1], 0),  # the last link holds the whole chain
        ([1], [0], 1),
        ([0, 1, 2], [], 0),
    ],
)
def test_a_chain_of_names_is_left_out_from_where_it_breaks(school, left_out, also, rest):
    """S1 gets S2's name, S2 gets S3's, S3 a free one: who depends on a row left out is left out as well."""
    plan = chain(school, "S1", "S2", "S3", "free")
    found = without(school.built(), plan, left_out)
    assert sorted(found.also) == also
    assert len(found.plan.changes) == found.plan.counts.rename == rest


def test_what_is_left_is_a_plan_of_its_own(school):
    """A plan without some rows has its own fingerprint, and applies."""
    plan = chain(school, "S1", "S2", "S3", "free")
    rest = without(school.built(), plan, [0]).plan
    assert rest.fingerprint != plan.fingerprint
    school.apply(rest)
    assert school.usernames() == {"S1": "S1", "S2": "S3", "S3": "free"}


def test_a_row_that_drifted_before_stays_in(school):
    """What went stale by itself is not left out quietly: applying says so."""
    plan = chain(school, "S1", "S2", "S3", "free")
    school.apply(without(school.built(), plan, [0, 1]).plan)
    found = without(school.built(), plan, [0])
    assert found.also == {}
    assert len(found.plan.changes) == 2
