"""Places in an answer, and what is to stand there."""

import pytest

from connector.doctor.expect import ABSENT, ONE_OF, PRESENT, Reply, differences, found

BODY = {
    "id": "7",
    "active": True,
    "totalResults": 0,
    "schemas": ["urn:a:2.0:User"],
    "emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "w"}],
    "urn:a:2.0:User": {"department": "Science"},
    "groups": [],
}
REPLY = Reply(200, BODY, {"ETag": "W/1"})


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("id", "7"),
        ("ID", "7"),
        ("emails/1/value", "w"),
        ("emails/[type=work]/value", "w"),
        ("emails/[type=other]/value", None),
        ("emails/#", 2),
        ("emails/9/value", None),
        ("schemas/[=urn:a:2.0:User]", "urn:a:2.0:User"),
        ("urn:a:2.0:User/department", "Science"),
        ("nothing/at/all", None),
        ("id/deeper", None),
        ("header:ETag", "W/1"),
        ("header:Location", None),
    ],
)
def test_a_place_leads_to_its_value(place, value) -> None:
    """Names whatever their letter case, numbers, choices, counts, headers."""
    assert found(REPLY, place) == value


@pytest.mark.parametrize(
    ("place", "expected", "right"),
    [
        ("id", "7", True),
        ("id", "8", False),
        ("id", 7, False),
        ("active", True, True),
        ("active", 1, False),
        ("totalResults", 0, True),
        ("totalResults", False, False),
        ("totalResults", PRESENT, True),
        ("groups", ABSENT, True),
        ("groups", PRESENT, False),
        ("emails", ABSENT, False),
        ("id", [ONE_OF, "6", "7"], True),
        ("id", [ONE_OF, "5", "6"], False),
        ("password", [ONE_OF, ABSENT, "x"], True),
    ],
)
def test_what_stands_there_is_right_or_not(place, expected, right) -> None:
    """Equal in value and kind, absent, present, or one of several."""
    assert (list(differences(REPLY, (200,), {place: expected})) == []) is right


def test_another_status_is_all_that_is_said() -> None:
    """With the wrong status the body is not looked at, but its detail is told."""
    reply = Reply(400, {"detail": "no"}, {})
    [one] = differences(reply, (200, 204), {"id": "7"})
    assert one == ("status 200 or 204", "status 400: no")
