"""What a change alters, in a reader's words."""

import pytest

from connector.domain.account import Account
from connector.domain.plan import Action, Change
from connector.report.changes import what

BEFORE = Account("ana.li", "S1", family_name="Li", given_names="Ana", year_level="7", campus="Main")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Change(Action.CREATE, None, BEFORE), "Year 7 · Main"),
        (Change(Action.UPDATE, BEFORE, BEFORE._replace(campus=""), ("campus",)), "Campus: Main → none"),
        (Change(Action.UPDATE, BEFORE, BEFORE, ("scim",)), "SCIM attributes that TrackOne has no column for"),
        (
            Change(Action.UPDATE, BEFORE, BEFORE._replace(approved=False), ("approved", "scim")),
            "Approved: yes → no; SCIM attributes that TrackOne has no column for",
        ),
    ],
    ids=["new", "column", "no column", "both"],
)
def test_every_change_says_what_it_alters(change, said):
    """Also one of values that no column holds."""
    assert what(change) == said
