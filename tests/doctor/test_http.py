"""The doctor over real HTTP, at endpoints that would hold it for ever."""

import time
from collections.abc import Callable

import pytest

from connector.doctor.http import HttpEndpoint
from connector.domain.errors import ConfigError, OperationError
from tests.servers.silent import DRIPS, ELSEWHERE, POURS, Listener, says_nothing


def ask(answer: Callable[..., None], timeout: tuple[float, float] = (5, 0.3)) -> int:
    """The status of one answer."""
    with Listener(answer) as server:
        endpoint = HttpEndpoint(f"http://127.0.0.1:{server.port}/scim/v2", "token", "", time.sleep, timeout)
        return endpoint.ask("GET", "/Users", "", {}).status


@pytest.mark.parametrize("answer", [*DRIPS.values(), says_nothing], ids=[*DRIPS, "says nothing"])
def test_an_endpoint_that_does_not_come_to_an_end_is_told(answer: Callable[..., None]) -> None:
    """However an endpoint drips, the doctor says after a while that no whole answer came."""
    begun = time.monotonic()
    with pytest.raises(OperationError, match=r"no whole answer within 0\.3 s to GET /Users"):
        ask(answer)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("answer", POURS.values(), ids=POURS)
def test_an_endpoint_that_never_stops_is_told(answer: Callable[..., None]) -> None:
    """An answer without end is not read into memory."""
    with pytest.raises(OperationError, match=r"the answer to GET /Users is larger than 32 MiB"):
        ask(answer, (5, 20))


def test_a_redirect_is_an_answer() -> None:
    """A redirect is shown as it is, and its body is not waited for."""
    assert ask(ELSEWHERE, (5, 20)) == 302


def test_a_token_that_is_none_is_refused() -> None:
    """What cannot be sent is said before anything is asked, in words that do not hold it."""
    with pytest.raises(ConfigError, match="--token holds signs that no token has") as told:
        HttpEndpoint("http://127.0.0.1:9/scim/v2", "t\u00f6ken", "", time.sleep)
    assert "t\u00f6ken" not in str(told.value)
