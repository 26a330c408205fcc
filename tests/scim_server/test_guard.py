"""The guard: a client that takes many SIS-owned accounts out of use in a day is held back."""

import logging
from datetime import timedelta

import pytest

from connector.domain.ports import RunRequest
from connector.domain.scim import ACCEPTED, Authority, ScimRules
from connector.services import provision
from connector.services.provision import LEAST_DEACTIVATIONS
from tests.scim_server.conftest import School
from tests.scim_server.talk import bulk, made, patch, refused, student, user

OFF = patch({"op": "replace", "path": "active", "value": False})


def enrolled(school, size):
    """The ids of a school's students."""
    return school.make(*(student(f"s{number:03}", f"S{number:03}") for number in range(size)))


def off(school, number, client="entra"):
    """Deactivate one."""
    return school("PATCH", f"/Users/{number}", OFF, Client=client)


@pytest.mark.parametrize(("size", "allowed"), [(30, LEAST_DEACTIVATIONS), (300, 30)])
def test_the_limit_is_a_share_of_the_school_but_twenty_at_least(school, size, allowed):
    """One more than allowed is 429 with Retry-After, and that account stays as it was."""
    people = enrolled(school, size)
    for number in people[:allowed]:
        assert off(school, number).status_code == 200
    answer = off(school, people[allowed])
    refused(answer, 429)
    assert int(answer.headers["Retry-After"]) > 0
    assert school("GET", f"/Users/{people[allowed]}").told["active"] is True


@pytest.mark.parametrize("way", ["patch", "put", "delete", "rename", "bulk"])
def test_every_way_out_of_use_counts(tmp_path, way):
    """Deactivation by PATCH and PUT, DELETE, and a rename where names are SCIM's."""
    school = School(tmp_path, rules=ScimRules(authority=Authority(username=False)))
    people = enrolled(school, 22)
    for number in people[:20]:
        off(school, number)

    def last(number, name):
        path = f"/Users/{number}"
        if way == "delete":
            return school("DELETE", path).status_code
        if way == "put":
            return school("PUT", path, user(name, active=False)).status_code
        if way == "rename":
            return school("PATCH", path, patch({"op": "replace", "path": "userName", "value": "x"})).status_code
        if way == "bulk":
            told = school("POST", "/Bulk", bulk({"method": "DELETE", "path": path})).told
            return int(told["Operations"][0]["status"])
        return off(school, number).status_code

    assert last(people[20], "s020") == 429
    assert school("GET", f"/Users/{people[20]}").told["active"] is True


def test_what_only_scim_owns_is_not_counted(school):
    """Accounts that no SIS row has claimed may be taken out of use without number."""
    for number in range(25):
        assert off(school, made(school, f"u{number}")).status_code == 200


def test_the_same_account_counts_once(school):
    """Switching one account off and on, cycle after cycle, is one."""
    number, *others = enrolled(school, 22)
    for _cycle in range(25):
        assert off(school, number).status_code == 200
        on = patch({"op": "replace", "path": "active", "value": True})
        assert school("PATCH", f"/Users/{number}", on).status_code == 200
    assert off(school, others[0]).status_code == 200


def test_other_writes_go_on(school):
    """A client that is held back still changes, creates and reactivates."""
    people = enrolled(school, 22)
    for number in people[:21]:
        off(school, number)
    on = patch({"op": "replace", "path": "active", "value": True})
    assert school("PATCH", f"/Users/{people[0]}", on).told["active"] is True
    title = patch({"op": "replace", "path": "title", "value": "Dr"})
    assert school("PATCH", f"/Users/{people[21]}", title).status_code == 200
    made(school, "new")


def test_each_client_is_counted_for_itself(school):
    """One client's storm does not hold another back."""
    people = enrolled(school, 22)
    for number in people[:21]:
        off(school, number, "entra")
    refused(off(school, people[21], "entra"), 429)
    assert off(school, people[21], "okta").status_code == 200


def test_a_day_later_it_may_again(school):
    """Only the last 24 hours count."""
    people = enrolled(school, 22)
    for number in people[:20]:
        off(school, number)
    refused(off(school, people[20]), 429)
    school.clock.now += timedelta(hours=24, minutes=1)
    assert off(school, people[20]).status_code == 200


def test_a_person_accepts_more(school):
    """With the client's acceptance noted as a state the count begins anew, for that client."""
    people = enrolled(school, 44)
    for number in people[:20]:
        off(school, number)
    refused(off(school, people[20]), 429)
    with school.store.run(RunRequest("token", "test", "tester")) as run:
        run.set_state(f"{ACCEPTED}entra", school.clock().isoformat())
    for number in people[20:40]:
        assert off(school, number).status_code == 200
    refused(off(school, people[40]), 429)


def test_the_operator_is_told_once(school, caplog):
    """However often the client tries again, there is one alert; after an acceptance there may be another."""
    people = enrolled(school, 22)
    with caplog.at_level(logging.WARNING, logger=provision.__name__):
        for number in people:
            off(school, number)
        for _again in range(3):
            off(school, people[21])
    told = [one.getMessage() for one in caplog.records if "held back" in one.getMessage()]
    assert len(told) == 1
    assert "trackone token accept entra" in told[0]
