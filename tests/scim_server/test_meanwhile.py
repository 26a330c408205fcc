"""Writes that happen while a read is on its way."""

import sqlite3
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from scim_server.app import create_app
from tests.scim_server.conftest import OpenGate
from tests.scim_server.talk import grouped, made, patch, user


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


def forget(school):
    """Take the stored texts away, as a sync of all accounts does."""
    with sqlite3.connect(school.url.removeprefix("sqlite:///")) as store:
        store.execute("DELETE FROM scim_documents")
    store.close()


@pytest.mark.parametrize(
    "path", ["/Users/{}", "/Users?count=10", "/Users?count=10&cursor=", "/Users?sortBy=userName"]
)
def test_an_old_text_is_not_kept_for_an_account_that_was_written_meanwhile(school, path):
    """A PATCH between the reading of a person and the keeping of their text is what everybody sees afterwards."""
    mine = made(school, title="old")
    forget(school)
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
    forget(school)
    join = patch({"op": "add", "path": "members", "value": [{"value": mine}]})
    client = interrupted(school, Between, lambda: school("PATCH", f"/Groups/{group}", join))
    assert client.get(f"/scim/v2/Users/{mine}").status_code == 200
    assert [one["value"] for one in school("GET", f"/Users/{mine}").told["groups"]] == [group]


@pytest.mark.parametrize("query", ["count=10", "count=10&cursor=", "attributes=userName"])
def test_a_list_is_answered_although_somebody_on_it_goes(school, query):
    """A user who is deleted while the page is made is left out of it; the others are sent."""
    names = ["amelia", "noah", "olivia"]
    ids = [made(school, name) for name in names]
    forget(school)
    client = interrupted(school, Before, lambda: school("DELETE", f"/Users/{ids[0]}"))
    answer = client.get(f"/scim/v2/Users?{query}")
    assert answer.status_code == 200, answer.json
    assert [one["userName"] for one in answer.json["Resources"]] == names[1:]


def test_a_read_does_not_wait_for_whoever_writes(school):
    """While a long run has the store, texts are made for the answer and kept later."""
    ids = [school("POST", "/Users", user(f"pupil.{number}")).told["id"] for number in range(3)]
    forget(school)
    writer = sqlite3.connect(school.url.removeprefix("sqlite:///"), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    for path in (*(f"/Users/{one}" for one in ids), "/Users?count=3"):
        assert school("GET", path).status_code == 200
    assert time.monotonic() - begun < 4, "the patience of one statement is 5 s"
    writer.rollback()
    writer.close()
    assert school("GET", f"/Users/{ids[0]}").status_code == 200
    assert school("PATCH", f"/Users/{ids[0]}", patch({"op": "add", "path": "title", "value": "x"})).status_code == 200
