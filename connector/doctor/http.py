"""An endpoint over HTTP."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import requests

from connector import wire
from connector.doctor.expect import Reply
from connector.domain.errors import ConfigError, OperationError

TIMEOUT = (10.0, 60.0)
"""Seconds to connect, and for a whole answer."""

MOST_OCTETS = 32 << 20
MOST_TRIES = 4
LONGEST_PAUSE = 60


class HttpEndpoint:
    """The endpoint at an address, asked with a bearer token; `sleep` waits for seconds where it asks for patience.

    `timeout` are the seconds to connect, and for a whole answer. Raises ConfigError for a token that is none.
    """

    def __init__(
        self,
        url: str,
        token: str,
        ca_file: str,
        sleep: Callable[[float], None],
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        if not wire.is_token(token):
            raise ConfigError(
                "--token holds signs that no token has, or nothing at all",
                hint="Copy it again, without quotes or line ends.",
            )
        self._url = url.rstrip("/")
        self._token = token
        self._sleep = sleep
        self._timeout = timeout
        self._session = wire.PromptWire()
        self._session.trust_env = False
        self._session.verify = ca_file or True

    def ask(self, method: str, path: str, body: str, headers: Mapping[str, str], *, anonymous: bool = False) -> Reply:
        """The answer to one request; a 429 or 503 that says when to come back is asked again then.

        Raises OperationError that names the address where there is no answer.
        """
        sent = {"Accept": "application/scim+json", **headers}
        if not anonymous:
            sent.setdefault("Authorization", f"Bearer {self._token}")
        answer = self._send(method, path, body, sent)
        for _ in range(MOST_TRIES - 1):
            pause = _pause(answer)
            if pause is None:
                break
            self._sleep(pause)
            answer = self._send(method, path, body, sent)
        return Reply(answer.status, _json(answer), answer.headers)

    def _send(self, method: str, path: str, body: str, headers: Mapping[str, str]) -> wire.Reply:
        data = body.encode() if body else None
        try:
            return self._session.ask(
                method,
                f"{self._url}{path}",
                most=MOST_OCTETS,
                data=data,
                headers=dict(headers),
                timeout=self._timeout,
            )
        except requests.exceptions.SSLError as error:
            raise OperationError(
                f"{self._url}: the certificate is not trusted ({_cause(error)})",
                hint="Name the authority's certificate with --ca-file, or mend the server's chain.",
            ) from None
        except wire.TooLargeError:
            raise OperationError(
                f"{self._url}: the answer to {method} {path} is larger than {MOST_OCTETS >> 20} MiB"
            ) from None
        except requests.exceptions.Timeout:
            seconds = self._timeout[1]
            raise OperationError(f"{self._url}: no whole answer within {seconds:g} s to {method} {path}") from None
        except (requests.exceptions.RequestException, ValueError) as error:
            raise OperationError(
                f"{self._url}: cannot be reached ({_cause(error)})",
                hint="Check the address, e.g. https://HOST/scim/v2",
            ) from None


def _pause(answer: wire.Reply) -> float | None:
    """How long the endpoint asks to wait; None where it does not, or for too long."""
    told = answer.headers.get("Retry-After", "")
    if answer.status not in (429, 503) or not told.isdecimal():
        return None
    return float(told) if len(told) < 4 and int(told) <= LONGEST_PAUSE else None


def _json(answer: wire.Reply) -> Any:
    try:
        return json.loads(answer.body) if answer.body else None
    except (ValueError, RecursionError):
        return None


def _cause(error: Exception) -> str:
    """The last cause in a chain, in one short line."""
    cause: BaseException = error
    while cause.args and isinstance(cause.args[0], BaseException):
        cause = cause.args[0]
    reason = getattr(cause, "reason", None) or cause
    return " ".join(str(reason).rpartition(": ")[2].split())[:200]
