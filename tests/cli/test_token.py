"""trackone token."""

import json
import re

SECRET = re.compile(r"t1_[0-9a-f]{10}_[\w-]{43}")


def test_a_token_is_shown_once_and_kept_as_a_hash(run, tmp_path) -> None:
    """The secret is printed by `create` and is in no file and no other output afterwards."""
    made = run("token", "create", "entra", "--scope", "read", "--expires", "90d")
    assert made.code == 0
    token = SECRET.search(made.out)[0]
    secret = token.rpartition("_")[2]
    listed = run("token", "list").out + run("token", "list", "--format", "json").out
    assert secret not in listed
    assert token.split("_")[1] in listed
    for file in tmp_path.rglob("*"):
        assert file.is_dir() or secret.encode() not in file.read_bytes()


def test_oauth_gives_id_secret_and_addresses(run) -> None:
    """What the client's screen asks for stands in the answer."""
    out = run("token", "create", "entra", "--oauth").out
    for label in ("Client ID", "Client secret", "Token endpoint", "Tenant URL"):
        assert label in out
    assert "/oauth/token" in out


def test_two_live_tokens_then_none_until_one_is_revoked(run) -> None:
    """A third is refused with exit 1; once one is revoked there is room again, and the list says which is which."""
    first = SECRET.search(run("token", "create", "entra").out)[0].split("_")[1]
    run("token", "create", "entra")
    refused = run("token", "create", "entra")
    assert refused.code == 1
    assert "trackone token revoke" in refused.err
    assert run("token", "revoke", first).code == 0
    assert run("token", "create", "entra").code == 0
    states = [one["state"] for one in json.loads(run("token", "list", "--format", "json").out)]
    assert sorted(states) == ["live", "live", "revoked"]


def test_wrong_words_are_named(run) -> None:
    """A span that is none, an id there is not: which, and what to write."""
    span = run("token", "create", "entra", "--expires", "soon")
    assert (span.code, "365d" in span.err) == (2, True)
    nobody = run("token", "revoke", "0000000000")
    assert (nobody.code, "token list" in nobody.err) == (1, True)
    scope = run("token", "create", "entra", "--scope", "all")
    assert scope.code == 2


def test_accepting_is_asked_for_and_recorded(run) -> None:
    """Without --apply nothing is written; with it a run says who accepted; a client there is not is refused."""
    run("token", "create", "entra")
    before = run("runs", "list", "--format", "json").out
    run("token", "accept", "entra")
    assert run("runs", "list", "--format", "json").out == before
    assert run("token", "accept", "entra", "--apply").code == 0
    [done] = json.loads(run("runs", "list", "--format", "json").out)
    assert (done["command"], done["accepted"]) == ("token accept", ["scim-deactivations"])
    for words in (["okta"], ["okta", "--apply"]):
        refused = run("token", "accept", *words)
        assert (refused.code, refused.out) == (1, "")
