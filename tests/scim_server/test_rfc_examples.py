"""The examples of RFC 7643 and RFC 7644, each a file: every one is accepted and answered as the RFCs say."""

import json
from pathlib import Path

import pytest

from tests.scim_server.talk import found, grouped, made

FOLDER = Path(__file__).parent.parent / "data" / "rfc-scim"
EXAMPLES = sorted(FOLDER.glob("*.json"))
FILTERS = (FOLDER / "7644-3.4.2.2-filters.txt").read_text(encoding="utf-8").splitlines()
BABS, MANDY, JAMES = (
    "2819c223-7f76-453a-919d-413861904646",
    "902c246b-6245-4190-8e05-00816be7344a",
    "08e1d05d-121c-4561-8b96-473d93df9210",
)
GROUP = "acbf3ae7-8463-4692-b4fd-9b4da3f908ce"
STATUS = {"POST": 201, "PUT": 200, "PATCH": 200}


@pytest.fixture
def people(school):
    """The school with the people and the group of the examples, by the ids they have there."""
    emails = [{"value": "x@example.com", "type": "work"}]
    ids = {
        BABS: made(school, "babs", emails=emails, addresses=[{"type": "work", "streetAddress": "1"}]),
        MANDY: made(school, "mandy", nickName="M"),
        JAMES: made(school, "james"),
    }
    ids[GROUP] = grouped(school, "Group", ids[BABS], ids[MANDY])
    school.ids = ids
    return school


def translated(school, text):
    """A text of the RFC with the ids that the school gave."""
    for theirs, ours in school.ids.items():
        text = text.replace(theirs, ours)
    return text


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_accepted(people, example):
    """What was written reads back, what only the server writes is overlooked."""
    told = json.loads(translated(people, example.read_text(encoding="utf-8")))
    method, path = told["request"].split()
    answer = people(method, path, told["body"])
    if path in ("/Bulk", "/.search"):
        assert answer.status_code == 200
        statuses = [one["status"] for one in answer.told.get("Operations", [])]
        circle = "circle" in example.stem
        assert all(one == "409" if circle else one in ("200", "201", "204") for one in statuses)
        return
    if method == "PATCH" and path.startswith("/Groups"):
        assert answer.status_code == 204
        return
    assert answer.status_code == STATUS[method], answer.told
    if method != "PATCH":
        written = {
            key: value
            for key, value in told["body"].items()
            if key not in ("id", "meta", "groups", "password", "schemas")
        }
        shown = people("GET", f"{path if method == 'PUT' else path + '/' + answer.told['id']}").told
        assert {key: _plain(shown.get(key)) for key in written if written[key]} == {
            key: _plain(value) for key, value in written.items() if value
        }


def _plain(value):
    """A value without what the server adds to members or leaves out of a manager."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {
            key: _plain(one) for key, one in value.items() if key not in ("$ref", "display", "displayName", "type")
        }
    return value


@pytest.mark.parametrize(
    ("example", "members"),
    [
        ("7644-3.5.2.1-add-members", [BABS, MANDY]),
        ("7644-3.5.2.2-remove-one", [MANDY]),
        ("7644-3.5.2.2-remove-all", []),
        ("7644-3.5.2.2-remove-and-add", [MANDY, JAMES]),
        ("7644-3.5.2.2-replace-all", [BABS, JAMES]),
        ("7644-3.5.2.3-replace-members", [BABS, JAMES]),
    ],
)
def test_members_become_what_the_example_means(people, example, members):
    """Each PATCH of a group in section 3.5.2 leaves the members it describes."""
    told = json.loads(translated(people, (FOLDER / f"{example}.json").read_text(encoding="utf-8")))
    method, path = told["request"].split()
    people(method, path, told["body"])
    left = [one["value"] for one in people("GET", path).told.get("members", [])]
    assert left == [people.ids[one] for one in members]


@pytest.mark.parametrize("wanted", FILTERS)
def test_a_filter_is_understood(people, wanted):
    """Every filter of section 3.4.2.2 is answered."""
    assert set(found(people, f"filter={wanted}")) <= set(people.ids.values())
