"""Whose value stands when a SCIM client and the SIS know the same account."""

import pytest

from connector.domain.account import UserType
from connector.domain.scim import Authority, ScimRules
from tests.scim_server.conftest import School
from tests.scim_server.talk import ENTERPRISE, TRACKONE, found, made, patch, refused, student, user

THEIRS = [
    ("name.familyName", "Jones", "name"),
    ("name.givenName", "Amy", "name"),
    ("userName", "another", "userName"),
    (f"{TRACKONE}:sisCode", "S9", "sisCode"),
    (f"{TRACKONE}:yearLevel", "12", "yearLevel"),
    (f"{TRACKONE}:campus", "North", "campus"),
    (f"{TRACKONE}:userType", "Staff", "userType"),
]
OURS = [
    ("active", False, lambda told: told["active"]),
    ("emails", [{"value": "new@x.example", "type": "work"}], lambda told: told["emails"]),
    ("externalId", "e-77", lambda told: told["externalId"]),
    ("title", "Dr", lambda told: told["title"]),
    ("displayName", "Ames", lambda told: told["displayName"]),
    (f"{ENTERPRISE}:department", "Arts", lambda told: told[ENTERPRISE]["department"]),
]


@pytest.mark.parametrize(("path", "value", "ignored"), THEIRS)
def test_what_the_sis_owns_is_left_and_named(school, path, value, ignored):
    """The write is 200 with the stored values, says what was left, and active = false beside it is done."""
    [number] = school.make(student("asmith", "S1"))
    before = school("GET", f"/Users/{number}").told
    answer = school(
        "PATCH",
        f"/Users/{number}",
        patch({"op": "replace", "path": path, "value": value}, {"op": "replace", "path": "active", "value": False}),
    )
    assert answer.status_code == 200
    assert answer.headers["TrackOne-Ignored"] == ignored
    assert answer.told["active"] is False
    own = {"active", "meta"}
    assert {k: v for k, v in answer.told.items() if k not in own} == {k: v for k, v in before.items() if k not in own}
    account = school.accounts()["asmith"]
    assert (account.approved, account.disabled_by) == (False, "scim:entra")


@pytest.mark.parametrize(("path", "value", "shown"), OURS)
def test_what_is_scims_is_written(school, path, value, shown):
    """E-mail, active, the client's id and what TrackOne has no column for are the client's."""
    [number] = school.make(student("asmith", "S1"))
    answer = school("PATCH", f"/Users/{number}", patch({"op": "replace", "path": path, "value": value}))
    assert answer.status_code == 200
    assert "TrackOne-Ignored" not in answer.headers
    assert shown(answer.told) == value


def test_a_put_of_another_person_changes_only_what_is_scims(school):
    """PUT is judged attribute by attribute as PATCH is; several names stand in the header."""
    [number] = school.make(student("asmith", "S1"))
    body = user(
        "other",
        active=False,
        name={"givenName": "X"},
        externalId="e1",
        **{TRACKONE: {"sisCode": "S9", "yearLevel": "8"}},
    )
    answer = school("PUT", f"/Users/{number}", body)
    assert answer.status_code == 200
    assert set(answer.headers["TrackOne-Ignored"].split(", ")) == {"userName", "name", "sisCode", "yearLevel"}
    account = school.accounts()["asmith"]
    assert (account.sis_code, account.year_level, account.given_names) == ("S1", "7", "Amelia")
    assert (account.approved, account.external_ids) == (False, (("entra", "e1"),))


def test_an_account_the_sis_never_claimed_is_scims_throughout(school):
    """Names, code, year and username of an account that SCIM made are SCIM's."""
    number = made(school, "old", **{TRACKONE: {"sisCode": "S1", "yearLevel": "7"}})
    body = user("new", name={"familyName": "Jones"}, **{TRACKONE: {"sisCode": "S2", "yearLevel": "8"}})
    answer = school("PUT", f"/Users/{number}", body)
    assert "TrackOne-Ignored" not in answer.headers
    account = school.accounts()["new"]
    assert (account.sis_code, account.year_level, account.family_name) == ("S2", "8", "Jones")


@pytest.mark.parametrize(
    ("authority", "path", "value", "ignored"),
    [
        (Authority(names=False), "name.familyName", "Jones", None),
        (Authority(username=False), "userName", "another", None),
        (Authority(year=False), f"{TRACKONE}:yearLevel", "12", None),
        (Authority(campus=False), f"{TRACKONE}:campus", "North", None),
        (Authority(sis_code=False), f"{TRACKONE}:sisCode", "S9", None),
        (Authority(email=True), "emails", [{"value": "n@x.example"}], "emails"),
        (Authority(active=True), "active", False, "active"),
        (Authority(external_id=True), "externalId", "e1", "externalId"),
    ],
)
def test_the_configuration_decides_whose(tmp_path, authority, path, value, ignored):
    """Each attribute may be given to the other side."""
    school = School(tmp_path, rules=ScimRules(authority=authority))
    [number] = school.make(student("asmith", "S1"))
    before = school.accounts()["asmith"]
    answer = school("PATCH", f"/Users/{number}", patch({"op": "replace", "path": path, "value": value}))
    assert answer.status_code == 200
    assert answer.headers.get("TrackOne-Ignored") == ignored
    [after] = school.accounts().values()
    assert (after._replace(version=0) == before._replace(version=0)) is (ignored is not None)


def test_what_the_sis_changes_shows(school):
    """The name and address a sync writes show at the next read, with another version and time."""
    [number] = school.make(student("asmith", "S1"))
    school("PATCH", f"/Users/{number}", patch({"op": "replace", "path": "active", "value": False}))
    before = school("GET", f"/Users/{number}")
    school.alter("asmith", family_name="Jones", email="new@sis.example", year_level="8")
    after = school("GET", f"/Users/{number}")
    assert after.told["name"]["familyName"] == "Jones"
    assert after.told["displayName"] == "Amelia Jones"
    assert after.told["emails"][0]["value"] == "new@sis.example"
    assert after.told[TRACKONE]["yearLevel"] == "8"
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.told["meta"]["lastModified"] > before.told["meta"]["lastModified"]


def test_a_person_the_sis_archived_stays_to_be_seen(school):
    """A leaver is not active, and a client's active = true does not bring them back: that is said."""
    [number] = school.make(student("asmith", "S1", archived=True, archived_by="sync"))
    assert found(school, 'filter=userName eq "asmith"') == [number]
    answer = school("PATCH", f"/Users/{number}", patch({"op": "replace", "path": "active", "value": True}))
    assert (answer.status_code, answer.told["active"]) == (200, False)
    assert answer.headers["TrackOne-Ignored"] == "active"
    assert school.accounts()["asmith"].archived_by == "sync"


def test_each_client_has_ids_of_its_own(school):
    """Two clients know one account under different ids, and neither sees the other's."""
    [number] = school.make(student("asmith", "S1"))
    for client, known_as in (("entra", "e1"), ("okta", "o1")):
        told = school(
            "PATCH",
            f"/Users/{number}",
            patch({"op": "add", "path": "externalId", "value": known_as}),
            Client=client,
        ).told
        assert told["externalId"] == known_as
    for client, known_as, other in (("entra", "e1", "o1"), ("okta", "o1", "e1")):
        assert school("GET", f"/Users/{number}", Client=client).told["externalId"] == known_as
        assert found(school, f'filter=externalId eq "{known_as}"', Client=client) == [number]
        assert found(school, f'filter=externalId eq "{other}"', Client=client) == []
        assert found(school, f'filter=externalId eq "{known_as.upper()}"', Client=client) == []
    assert "externalId" not in school("GET", f"/Users/{number}", Client="third").told
    assert school.accounts()["asmith"].external_ids == (("entra", "e1"), ("okta", "o1"))


def test_groups_have_an_id_for_each_client_too(school):
    """A group is shared; the id a client gave it is not."""
    group = school("POST", "/Groups", {"displayName": "G", "externalId": "e1"}, Client="entra").told["id"]
    assert "externalId" not in school("GET", f"/Groups/{group}", Client="okta").told
    school("PATCH", f"/Groups/{group}", patch({"op": "add", "value": {"externalId": "o1"}}), Client="okta")
    assert found(school, 'filter=externalId eq "e1"', "Groups", Client="entra") == [group]
    assert found(school, 'filter=externalId eq "e1"', "Groups", Client="okta") == []


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (user("ASMITH"), "userName"),
        (user("new", **{TRACKONE: {"sisCode": "s1"}}), "sisCode"),
        (user("new", **{TRACKONE: {"sisCode": " S1 "}}), "sisCode"),
    ],
)
def test_a_post_never_links(school, body, named):
    """A live account with the name or the code is 409, and the detail tells its id for the look-up."""
    [number] = school.make(student("asmith", "S1"))
    answer = school("POST", "/Users", body)
    refused(answer, 409, "uniqueness")
    assert named in answer.told["detail"]
    assert answer.told["detail"].endswith(f"user {number}")
    assert len(school.accounts()) == 1


def test_system_accounts_are_not_there(school):
    """Neither by id, nor by filter, nor in a list or a group; their names are taken without a word of who."""
    [number] = school.make(student("root", "", user_type=UserType.SYSTEM, claimed=False))
    refused(school("GET", f"/Users/{number}"), 404)
    refused(school("PUT", f"/Users/{number}", user("root")), 404)
    refused(school("PATCH", f"/Users/{number}", patch({"op": "replace", "path": "active", "value": False})), 404)
    refused(school("DELETE", f"/Users/{number}"), 404)
    assert (
        found(school, 'filter=userName eq "root"')
        == found(school, f'filter=id eq "{number}"')
        == found(school, "")
        == []
    )
    refused(school("POST", "/Groups", {"displayName": "G", "members": [{"value": number}]}), 400, "invalidValue")
    answer = school("POST", "/Users", user("root"))
    refused(answer, 409, "uniqueness")
    assert number not in answer.told["detail"]


def test_a_reading_token_only_reads(school):
    """Without the scope write every write is 403, and nothing happens."""
    number = made(school)
    for method, path, body in [
        ("POST", "/Users", user("new")),
        ("PUT", f"/Users/{number}", user("new")),
        ("PATCH", f"/Users/{number}", patch({"op": "replace", "path": "active", "value": False})),
        ("DELETE", f"/Users/{number}", None),
        ("POST", "/Groups", {"displayName": "G"}),
    ]:
        refused(school(method, path, body, Scopes="read"), 403)
    assert found(school, "", Scopes="read") == [number]
    assert found(school, "", "Groups", Scopes="read") == []
