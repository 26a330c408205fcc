"""The keys of SCIM clients: made, recognised, ended."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.client import Kind
from connector.domain.errors import ConfigError, OperationError
from connector.services import tokens

NOW = datetime(2026, 2, 2, 9, 0, tzinfo=UTC)
ACCESS_KEY = b"k" * 32


@dataclass
class Keys:
    """Keys in memory."""

    kept: dict = field(default_factory=dict)

    def key(self, key_id):
        """The key with that id, or None."""
        return self.kept.get(key_id)

    def keys(self):
        """Every key."""
        return list(self.kept.values())

    def add(self, key, most_live):
        """Keep a key unless there are enough."""
        alike = [
            one for one in self.keys() if (one.client, one.kind) == (key.client, key.kind) and one.live(key.made)
        ]
        if len(alike) >= most_live:
            return False
        self.kept[key.id] = key
        return True

    def revoke(self, key_id, now):
        """End a key."""
        found = self.kept.get(key_id)
        if found is None or found.revoked:
            return False
        self.kept[key_id] = found._replace(revoked=now)
        return True

    def note_use(self, key_id, now):
        """Remember the use."""
        self.kept[key_id] = self.kept[key_id]._replace(last_used=now)


@pytest.fixture
def keys():
    """No key yet."""
    return Keys()


def made(keys, *, client="entra", kind=Kind.BEARER, scope="write", life=timedelta(days=1), random=token_bytes):
    """A new key."""
    return tokens.issue(
        keys,
        client=client,
        kind=kind,
        scope=scope,
        life=life,
        made_by="root",
        now=NOW,
        random=random,
    )


def test_a_token_is_recognised_until_it_ends(keys) -> None:
    """Its text finds its key while that is live, and nothing of its secret is kept."""
    issued = made(keys)
    assert tokens.recognise(keys, issued.token, ACCESS_KEY, NOW) == issued.key
    assert tokens.recognise(keys, issued.token, ACCESS_KEY, NOW + timedelta(days=1)) is None
    assert issued.secret not in repr(keys.kept)
    tokens.revoke(keys, issued.key.id, NOW)
    assert tokens.recognise(keys, issued.token, ACCESS_KEY, NOW) is None


def test_the_secret_has_256_bits(keys) -> None:
    """The token carries 32 random bytes, asked of the source of randomness at once."""
    asked = []
    issued = made(keys, random=lambda size: asked.append(size) or token_bytes(size))
    assert 32 in asked
    assert len(issued.secret) == 43


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token + "x",
        lambda token: token.replace("t1_", "t1a_"),
        lambda token: token.rpartition("_")[0],
        lambda token: token.rpartition("_")[0] + "_",
        lambda token: token.upper(),
        lambda token: " " + token,
    ],
)
def test_nothing_like_the_token_is_the_token(keys, change) -> None:
    """A text that differs in anything lets nobody in."""
    assert tokens.recognise(keys, change(made(keys).token), ACCESS_KEY, NOW) is None


@given(st.text() | st.builds("t1a_{}_{}.{}".format, st.text(), st.text(), st.text()))
def test_no_text_is_a_token_by_chance(text) -> None:
    """Whatever is sent, nothing fails and nobody comes in."""
    keys = Keys()
    oauth = made(keys, kind=Kind.OAUTH)
    made(keys)
    assert tokens.recognise(keys, text, ACCESS_KEY, NOW) is None
    assert tokens.recognise(keys, f"t1a_{oauth.key.id}_{text}", ACCESS_KEY, NOW) is None
    assert tokens.recognise_client(keys, oauth.key.id, text, NOW) is None


def test_an_access_token_stands_for_its_credential_for_a_while(keys) -> None:
    """It is good until it ends, not beyond its credential's end, and only under the key it was signed with."""
    issued = made(keys, kind=Kind.OAUTH)
    key = tokens.recognise_client(keys, issued.key.id, issued.secret, NOW)
    token = tokens.access_token(key, timedelta(hours=1), ACCESS_KEY, NOW)
    assert tokens.recognise(keys, token, ACCESS_KEY, NOW + timedelta(minutes=59)) == issued.key
    assert tokens.recognise(keys, token, ACCESS_KEY, NOW + timedelta(hours=1)) is None
    assert tokens.recognise(keys, token, b"x" * 32, NOW) is None
    longer = token.replace(token.split("_")[2].split(".")[0], str(int(NOW.timestamp()) + 999_999))
    assert tokens.recognise(keys, longer, ACCESS_KEY, NOW) is None
    tokens.revoke(keys, key.id, NOW)
    assert tokens.recognise(keys, token, ACCESS_KEY, NOW) is None


def test_kinds_are_not_mixed_up(keys) -> None:
    """An OAuth secret is no bearer token, a bearer token's secret no client secret."""
    oauth, bearer = made(keys, kind=Kind.OAUTH), made(keys)
    assert tokens.recognise(keys, oauth.token, ACCESS_KEY, NOW) is None
    assert tokens.recognise_client(keys, bearer.key.id, bearer.secret, NOW) is None
    bearing = tokens.access_token(bearer.key, timedelta(hours=1), ACCESS_KEY, NOW)
    assert tokens.recognise(keys, bearing, ACCESS_KEY, NOW) is None


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [("read", {"read"}), ("write", {"read", "write"}), ("protected", {"read", "write", "protected"})],
)
def test_a_scope_includes_the_smaller_ones(keys, scope, scopes) -> None:
    """Who may write may read, who may touch protected roles may write."""
    assert made(keys, scope=scope).key.scopes == scopes


@pytest.mark.parametrize(
    "wrong",
    [
        {"client": ""},
        {"client": " entra"},
        {"client": "a=b"},
        {"client": "a;b"},
        {"client": "a:b"},
        {"client": "a\nb"},
        {"client": "a" * 65},
        {"client": "ENTRA"},
        {"scope": "everything"},
        {"life": timedelta(0)},
        {"life": timedelta(days=1_100)},
    ],
)
def test_words_that_make_no_key_are_refused(keys, wrong) -> None:
    """A name that cannot be told apart or written down, a scope there is not, a life too long or none."""
    made(keys)
    with pytest.raises(ConfigError):
        made(keys, **wrong)
    assert len(keys.keys()) == 1


def test_a_third_live_key_is_refused(keys) -> None:
    """A client has two at once, to replace one by the other, and the message says what to do."""
    made(keys)
    made(keys)
    with pytest.raises(OperationError, match="2 live tokens") as refused:
        made(keys)
    assert "token revoke" in refused.value.hint
