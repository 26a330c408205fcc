"""An endpoint over HTTP."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import requests

from connector.doctor.expect import Reply
from connector.domain.errors import OperationError

TIMEOUT = (10, 60)
"""Seconds to connect, and to wait for an answer."""

MOST_TRIES = 4
LONGEST_PAUSE = 60


class HttpEndpoint:
    """The endpoint at an address, asked with a bearer token; `sleep` waits for seconds where it asks for patience."""

    def __init__(self, url: str, token: str, ca_file: str, sleep: Callable[[float], None]) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._sleep = sleep
        self._session = requests.Session()
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
        return Reply(answer.status_code, _json(answer), answer.headers)

    def _send(self, method: str, path: str, body: str, headers: Mapping[str, str]) -> requests.Response:
        data = body.encode() if body else None
        try:
            return self._session.request(
                method,
                f"{self._url}{path}",
                data=data,
                headers=dict(headers),
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            raise OperationError(
                f"{self._url}: the certificate is not trusted ({_cause(error)})",
                hint="Name the authority's certificate with --ca-file, or mend the server's chain.",
            ) from None
        except requests.exceptions.Timeout:
            raise OperationError(f"{self._url}: no answer within {TIMEOUT[1]} s to {method} {path}") from None
        except (requests.exceptions.RequestException, ValueError) as error:
            raise OperationError(
                f"{self._url}: cannot be reached ({_cause(error)})",
                hint="Check the address, e.g. https://HOST/scim/v2",
            ) from None


def _pause(answer: requests.Response) -> float | None:
    """How long the endpoint asks to wait; None where it does not, or for too long."""
    told = answer.headers.get("Retry-After", "")
    if answer.status_code not in (429, 503) or not told.isdecimal():
        return None
    return float(told) if len(told) < 4 and int(told) <= LONGEST_PAUSE else None


def _json(answer: requests.Response) -> Any:
    try:
        return json.loads(answer.content) if answer.content else None
    except ValueError:
        return None


def _cause(error: Exception) -> str:
    """The last cause in a chain, in one short line."""
    cause: BaseException = error
    while cause.args and isinstance(cause.args[0], BaseException):
        cause = cause.args[0]
    reason = getattr(cause, "reason", None) or cause
    return " ".join(str(reason).rpartition(": ")[2].split())[:200]
