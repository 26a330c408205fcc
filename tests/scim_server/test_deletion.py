"""DELETE, and what POST of the same username means afterwards."""

import pytest

from tests.scim_server.talk import TRACKONE, found, grouped, made, refused, student, user


@pytest.mark.parametrize("code", ["", "S9"])
def test_an_account_the_sis_knows_is_restored(school, code):
    """DELETE archives and hides it for this client; POST of its name brings it back with what the SIS owns."""
    [number] = school.make(student("asmith", "S1"))
    assert school("DELETE", f"/Users/{number}").status_code == 204
    account = school.accounts()["asmith"]
    assert (account.archived, account.archived_by) == (True, "scim:entra")
    refused(school("GET", f"/Users/{number}"), 404)
    refused(school("DELETE", f"/Users/{number}"), 404)
    assert found(school, "") == []
    more = {TRACKONE: {"sisCode": code}} if code else {}
    answer = school("POST", "/Users", user("ASMITH", name={"familyName": "Jones"}, externalId="e1", **more))
    assert (answer.status_code, answer.told["id"]) == (201, number)
    assert answer.told["name"]["familyName"] == "Smith"
    assert answer.told["active"] is True
    account = school.accounts()["asmith"]
    assert (account.archived, account.archived_by, account.sis_code) == (False, "", "S1")
    assert (account.year_level, account.external_ids) == ("7", (("entra", "e1"),))


def test_a_code_the_sis_has_not_claimed_yet_survives_too(school):
    """An account with a code that no sync has seen is restored with code, year and kind though POST has none."""
    number = made(school, "staff", **{TRACKONE: {"sisCode": "T1", "userType": "Staff", "campus": "North"}})
    school("DELETE", f"/Users/{number}")
    assert school("POST", "/Users", user("staff")).told["id"] == number
    account = school.accounts()["staff"]
    assert (account.sis_code, str(account.user_type), account.campus) == ("T1", "Staff", "North")


def test_another_person_does_not_get_the_account(school):
    """POST under another externalId than the one it had is 409."""
    [number] = school.make(student("asmith", "S1", external_ids=(("entra", "e1"),)))
    school("DELETE", f"/Users/{number}")
    refused(school("POST", "/Users", user("asmith", externalId="e2")), 409, "uniqueness")
    assert school("POST", "/Users", user("asmith", externalId="e1")).status_code == 201


def test_an_account_only_scim_owned_gives_its_name_back(school):
    """POST of the name then makes a new account with a new id; the old one is archived under another name."""
    number = made(school, externalId="e1")
    school("DELETE", f"/Users/{number}")
    again = made(school, externalId="e1")
    assert again != number
    accounts = school.accounts()
    assert str(accounts["amelia"].id) == again
    [old] = [one for one in accounts.values() if str(one.id) == number]
    assert old.archived
    refused(school("GET", f"/Users/{number}"), 404)
    assert found(school, 'filter=externalId eq "e1"') == [again]
    for _again in range(3):
        school("DELETE", f"/Users/{again}")
        again = made(school)


def test_a_deleted_user_leaves_its_groups(school):
    """A group no longer lists who was deleted, and its version moves on."""
    leaving, staying = made(school, "a"), made(school, "b")
    group = grouped(school, "G", leaving, staying)
    before = school("GET", f"/Groups/{group}").headers["ETag"]
    school("DELETE", f"/Users/{leaving}")
    after = school("GET", f"/Groups/{group}")
    assert [one["value"] for one in after.told["members"]] == [staying]
    assert after.headers["ETag"] != before


def test_another_client_still_sees_the_account(school):
    """What one client deletes another sees as not active; it cannot make a second account of that name."""
    [number] = school.make(student("asmith", "S1"))
    school("DELETE", f"/Users/{number}", Client="entra")
    seen = school("GET", f"/Users/{number}", Client="okta")
    assert (seen.status_code, seen.told["active"]) == (200, False)
    assert found(school, 'filter=userName eq "asmith"', Client="okta") == [number]
    refused(school("POST", "/Users", user("asmith"), Client="okta"), 409, "uniqueness")


def test_two_clients_delete_one_account(school):
    """Each sees it gone once it has deleted it, and the one that makes it again gets it back."""
    [number] = school.make(student("asmith", "S1"))
    for client in ("entra", "okta"):
        assert school("DELETE", f"/Users/{number}", Client=client).status_code == 204
    for client in ("entra", "okta"):
        refused(school("GET", f"/Users/{number}", Client=client), 404)
        assert found(school, "", Client=client) == []
        assert found(school, 'filter=userName eq "asmith"', Client=client) == []
        refused(school("DELETE", f"/Users/{number}", Client=client), 404)
    answer = school("POST", "/Users", user("asmith"), Client="entra")
    assert (answer.status_code, answer.told["id"]) == (201, number)
    assert school("GET", f"/Users/{number}", Client="okta").status_code == 200


def test_a_client_deletes_whom_the_sync_archived(school):
    """A leaver may be deleted too: gone for the client, while the account stays archived."""
    [number] = school.make(student("asmith", "S1", archived=True, archived_by="sync"))
    assert school("DELETE", f"/Users/{number}").status_code == 204
    refused(school("GET", f"/Users/{number}"), 404)
    account = school.accounts()["asmith"]
    assert account.archived
