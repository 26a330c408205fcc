"""Writes that happen while a read is on its way."""

import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from connector.domain.ports import RunRequest
from scim_server.app import create_app
from tests.scim_server.conftest import OpenGate
from tests.scim_server.talk import TRACKONE, grouped, made, patch


class Between:
    """A reader, behind whose every reading of a person something happens."""

    def __init__(self, reader, happens):
        self._reader = reader
        self._happens = happens

    def __getattr__(self, name):
        return getattr(self._reader, name)

    def person(self, account_id):
        """The person as they were before."""
        found = self._reader.person(account_id)
        self._happens()
        return found


class Before(Between):
    """The same, but it happens before the person is read."""

    def person(self, account_id):
        """The person as they are by then."""
        self._happens()
        return self._reader.person(account_id)


class Interrupted:
    """A desk at which `happens` happens once, while a text is made."""

    def __init__(self, desk, reader, happens):
        self._desk = desk
        self._reader = reader
        self._todo = [happens]

    def __getattr__(self, name):
        return getattr(self._desk, name)

    @contextmanager
    def glance(self, client):
        """A view on which others write."""
        with self._desk.glance(client) as reader:
            yield self._reader(reader, self._once)

    @contextmanager
    def look(self, client):
        """The same in a transaction."""
        with self._desk.look(client) as reader:
            yield self._reader(reader, self._once)

    def _once(self):
        for happens in (self._todo.pop() for _ in list(self._todo)):
            happens()


def interrupted(school, reader, happens):
    """A client of the same school, whose first making of a text is interrupted."""
    desk = Interrupted(school.provision.desk, reader, happens)
    return create_app(
        replace(school.provision, desk=desk), OpenGate(), "https://trackone.example/scim/v2"
    ).test_client()


def grow_old(school, *usernames):
    """Let a sync write accounts, whose stored texts are those of an older version then."""
    for username in usernames:
        school.alter(username, year_level="8")


@pytest.mark.parametrize(
    "path", ["/Users/{}", "/Users?count=10", "/Users?count=10&cursor=", "/Users?sortBy=userName"]
)
def test_an_old_text_is_not_kept_for_an_account_that_was_written_meanwhile(school, path):
    """A PATCH between the reading of a person and the keeping of their text is what everybody sees afterwards."""
    mine = made(school, title="old")
    grow_old(school, "amelia")
    change = patch({"op": "replace", "path": "title", "value": "new"})
    client = interrupted(school, Between, lambda: school("PATCH", f"/Users/{mine}", change))
    assert client.get(f"/scim/v2{path.format(mine)}").status_code == 200
    answer = school("GET", f"/Users/{mine}")
    assert answer.told["title"] == "new"
    again = patch({"op": "replace", "path": "title", "value": "newer"})
    assert school("PATCH", f"/Users/{mine}", again, If_Match=answer.headers["ETag"]).status_code == 200


def test_an_old_text_is_not_kept_for_a_member_who_joined_a_group_meanwhile(school):
    """Joining a group changes the text but not the account: it counts all the same."""
    mine, group = made(school), grouped(school, "Year 7")
    grow_old(school, "amelia")
    join = patch({"op": "add", "path": "members", "value": [{"value": mine}]})
    client = interrupted(school, Between, lambda: school("PATCH", f"/Groups/{group}", join))
    assert client.get(f"/scim/v2/Users/{mine}").status_code == 200
    assert [one["value"] for one in school("GET", f"/Users/{mine}").told["groups"]] == [group]


@pytest.mark.parametrize("query", ["count=10", "count=10&cursor=", "attributes=userName"])
def test_a_list_is_answered_although_somebody_on_it_goes(school, kind, query):
    """A user who is deleted while the page is made is left out of it, or sent as of before; the others are sent."""
    names = ["amelia", "noah", "olivia"]
    ids = [made(school, name) for name in names]
    grow_old(school, *names)
    client = interrupted(school, Before, lambda: school("DELETE", f"/Users/{ids[0]}"))
    answer = client.get(f"/scim/v2/Users?{query}")
    assert answer.status_code == 200, answer.json
    seen = names if kind == "postgresql" else names[1:]  # a page is of one moment on PostgreSQL
    assert [one["userName"] for one in answer.json["Resources"]] == seen


def test_no_page_by_cursor_is_the_last_because_somebody_on_it_goes(school):
    """Whoever reads everybody by cursor would take those behind a page cut short for deleted."""
    names = ["amelia", "noah", "olivia", "ruby"]
    ids = [made(school, name) for name in names]
    grow_old(school, *names)
    client = interrupted(school, Before, lambda: school("DELETE", f"/Users/{ids[0]}"))
    seen, cursor = list[str](), ""
    while cursor is not None:
        page = client.get(f"/scim/v2/Users?count=2&cursor={cursor}").json
        seen += [one["userName"] for one in page["Resources"]]
        cursor = page.get("nextCursor")
    assert seen[-3:] == names[1:]


def test_a_read_does_not_wait_for_whoever_writes(school):
    """While a long run has the store, texts are made for the answer and kept later."""
    names = ["amelia", "noah", "olivia"]
    ids = [made(school, name) for name in names]
    grow_old(school, *names)
    begun = time.monotonic()
    with school.store.run(RunRequest("sync", "test", "tester")):
        for path in (*(f"/Users/{one}" for one in ids), "/Users?count=3"):
            assert school("GET", path).status_code == 200
    assert time.monotonic() - begun < 4, "the patience of one statement is 5 s"
    assert school("GET", f"/Users/{ids[0]}").told[TRACKONE]["yearLevel"] == "8"
    assert school("PATCH", f"/Users/{ids[0]}", patch({"op": "add", "path": "title", "value": "x"})).status_code == 200
