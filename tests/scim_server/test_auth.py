"""The gate: tokens in, callers out."""

from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from types import SimpleNamespace

import pytest

from connector.domain.client import Kind
from connector.domain.errors import StoreError
from connector.services import tokens
from connector.store.open import opened
from connector.store.tokens import SqlClientKeys
from scim_server.auth import Gate
from scim_server.faults import ScimFault
from scim_server.limits import Limiter

ACCESS_KEY = b"k" * 32


@pytest.fixture
def time():
    """A day that stands still until it is moved; `seconds` is the monotonic clock."""
    day = SimpleNamespace(now=datetime(2026, 2, 2, 9, 0, tzinfo=UTC), seconds=1_000.0)

    def wait(seconds):
        day.now += timedelta(seconds=seconds)
        day.seconds += seconds

    day.wait = wait
    return day


@pytest.fixture
def keys(tmp_path, time):
    """The keys of a new store."""
    database = opened(f"sqlite:///{tmp_path / 'trackone.db'}", lambda: time.now)
    return SqlClientKeys(database.engine(pooled=True), database.place)


def gate_of(keys, time, rate=2_000, burst=10_000):
    """A gate before these keys."""
    limiter = Limiter(rate, burst, lambda: time.seconds)
    return Gate(keys, ACCESS_KEY, limiter, lambda: time.now, lambda: time.seconds)


@pytest.fixture
def issue(keys, time):
    """Makes a key."""

    def issue(kind=Kind.BEARER, scope="write", life=timedelta(days=1)):
        facts = {"client": "entra", "kind": kind, "scope": scope, "life": life, "made_by": "root"}
        return tokens.issue(keys, **facts, now=time.now, random=token_bytes)

    return issue


def bearing(token, scheme="Bearer"):
    """The environment of a request with that token."""
    return {"HTTP_AUTHORIZATION": f"{scheme} {token}"}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_makes_a_caller(keys, time, issue, scheme) -> None:
    """The caller has the client's name, the token's id and its scopes, whatever the letter case of the scheme."""
    issued = issue(scope="protected")
    caller = gate_of(keys, time).admit(bearing(issued.token, scheme))
    assert caller == ("entra", issued.key.id, {"read", "write", "protected"})


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_AUTHORIZATION": ""},
        {"HTTP_AUTHORIZATION": "Bearer"},
        {"HTTP_AUTHORIZATION": "Bearer  "},
        {"HTTP_AUTHORIZATION": "Basic dXNlcjpwYXNz"},
        bearing("t1_0000000000_nothing"),
        bearing("\udce9"),
        bearing("t1a_x_1.2"),
    ],
)
def test_no_or_a_bad_token_is_a_401(keys, time, headers) -> None:
    """The answer challenges the client and says in words what is wanted."""
    with pytest.raises(ScimFault) as refused:
        gate_of(keys, time).admit(headers)
    fault = refused.value
    assert fault.status == 401
    assert fault.headers["WWW-Authenticate"].startswith("Bearer ")
    assert fault.body()["status"] == "401"
    assert fault.detail


def test_a_revoked_token_is_refused_within_seconds(keys, time, issue) -> None:
    """What the gate remembers of a token is forgotten after three seconds."""
    issued, gate = issue(), gate_of(keys, time)
    gate.admit(bearing(issued.token))
    tokens.revoke(keys, issued.key.id, time.now)
    time.wait(3.1)
    with pytest.raises(ScimFault) as refused:
        gate.admit(bearing(issued.token))
    assert refused.value.status == 401


def test_an_expired_token_is_refused(keys, time, issue) -> None:
    """A token that was good a while ago is not good for ever."""
    issued, gate = issue(life=timedelta(hours=1)), gate_of(keys, time)
    gate.admit(bearing(issued.token))
    time.wait(3_600)
    with pytest.raises(ScimFault):
        gate.admit(bearing(issued.token))


def test_an_access_token_lets_its_client_in(keys, time, issue) -> None:
    """A token of the OAuth endpoint makes the caller that its credential stands for."""
    issued = issue(kind=Kind.OAUTH, scope="read")
    token = tokens.access_token(issued.key, timedelta(hours=1), ACCESS_KEY, time.now)
    assert gate_of(keys, time).admit(bearing(token)) == ("entra", issued.key.id, {"read"})


def test_the_last_use_is_noted_once_a_minute(keys, time, issue) -> None:
    """A request more does not cost a write; a minute later one does."""
    issued, gate, begun = issue(), gate_of(keys, time), time.now
    for _ in range(10):
        gate.admit(bearing(issued.token))
        time.wait(4)
    assert keys.key(issued.key.id).last_used == begun
    time.wait(30)
    gate.admit(bearing(issued.token))
    assert keys.key(issued.key.id).last_used == time.now


def test_too_many_requests_get_429_and_when_to_come_back(keys, time, issue) -> None:
    """Beyond the burst the gate says how long to wait; after that time the next request is let in."""
    issued, gate = issue(), gate_of(keys, time, rate=0.5, burst=3)
    for _ in range(3):
        gate.admit(bearing(issued.token))
    with pytest.raises(ScimFault) as refused:
        gate.admit(bearing(issued.token))
    assert refused.value.status == 429
    assert refused.value.headers["Retry-After"] == "2"
    time.wait(2)
    gate.admit(bearing(issued.token))


def test_a_burst_of_ten_thousand_is_let_in_by_default(keys, time, issue) -> None:
    """The default limit is no hindrance to an initial cycle."""
    issued, gate = issue(), gate_of(keys, time)
    for _ in range(10_000):
        gate.admit(bearing(issued.token))
    time.wait(1)
    for _ in range(2_000):
        gate.admit(bearing(issued.token))


def test_a_store_that_fails_is_no_401(time) -> None:
    """Where tokens cannot be checked the client is asked to come again, not told that its token is bad."""

    class Broken:
        def key(self, _key_id):
            raise StoreError("the store is gone")

    with pytest.raises(ScimFault) as refused:
        gate_of(Broken(), time).admit(bearing("t1_0000000000_secret"))
    assert refused.value.status == 503
    assert refused.value.headers["Retry-After"]
