"""A SCIM service as the remote store sees it: requests that are sent again where they may be, and no doubt hidden.

RFC 7644 (SCIM protocol).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from connector.domain.errors import StoreError

Document = dict[str, Any]

_BUSY = frozenset({429, 503})
"""Refused before anything was done, so that even a POST may be sent again."""

_GATEWAY = frozenset({502, 504})
"""Refused by something in between, which does not say whether the service did it."""

_KIND = "application/scim+json"
_PAGE = 100
_MOST_WORDS = 300


class RefusedError(StoreError):
    """The service understood, and will not: `status` and its words; this one change only is concerned."""

    def __init__(self, message: str, status: int) -> None:
        """Keep the status."""
        super().__init__(message)
        self.status = status


class InDoubtError(StoreError):
    """No answer came to a request that may have been carried out."""


class OutageError(StoreError):
    """The service cannot be used now; what is left is done by the next run."""


class _AgainError(Exception):
    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class Patience(NamedTuple):
    """Seconds to connect and to wait for an answer, between tries at first and at most, and how many tries."""

    connect: float = 10.0
    read: float = 60.0
    backoff: float = 1.0
    between: float = 120.0
    tries: int = 6


PATIENCE = Patience()


class Answer(NamedTuple):
    """What came back: the status, the document (empty for none) and the headers."""

    status: int
    document: Document
    headers: Mapping[str, str]


@dataclass
class ScimClient:
    """A SCIM service at `base`, reached with a bearer token."""

    base: str
    token: str
    session: requests.Session
    sleep: Callable[[float], None]
    ca_file: str = ""
    patience: Patience = PATIENCE
    _broken: str = field(default="", init=False)

    @property
    def host(self) -> str:
        """The service as messages name it."""
        return urlsplit(self.base).netloc

    def users(self) -> Iterator[Document]:
        """Every user, page by page (RFC 7644, section 3.4.2.4).

        Raises OutageError where fewer come than the service says there are, and where one comes twice.
        """
        seen: set[str] = set()
        total = 1
        while len(seen) < total:
            answer = self.send("GET", "Users", query={"startIndex": len(seen) + 1, "count": _PAGE})
            total, page = int(answer.document.get("totalResults", 0)), answer.document.get("Resources") or []
            fresh = {str(user.get("id", "")) for user in page} - seen
            if len(fresh) != len(page) or (not page and len(seen) < total):
                raise OutageError(
                    f"{self.host}: {len(seen)} of {total} users came, then others twice or none",
                    hint="Run again; somebody may have changed users meanwhile.",
                )
            seen |= fresh
            yield from page

    def find(self, attribute: str, value: str) -> list[Document]:
        """The users whose attribute equals that text (RFC 7644, section 3.4.2.2)."""
        query = {"filter": f"{attribute} eq {json.dumps(value, ensure_ascii=False)}"}
        return list(self.send("GET", "Users", query=query).document.get("Resources") or [])

    def get(self, path: str) -> Document:
        """One document."""
        return self.send("GET", path).document

    def send(
        self, method: str, path: str, body: Document | None = None, *, query: Mapping[str, Any] | None = None,
        etag: str = "",
    ) -> Answer:  # fmt: skip
        """One request, tried again as long as patience lasts.

        Raises RefusedError for an answer that says no, InDoubtError where a POST may have been carried out, and
        OutageError where the service cannot be used; after that at once, without asking it again.
        """
        if self._broken:
            raise OutageError(self._broken, hint=_LATER)
        tries = Retrying(
            retry=retry_if_exception_type(_AgainError),
            stop=self._is_enough,
            wait=self._pause,
            sleep=self.sleep,
            reraise=True,
        )
        try:
            return tries(self._once, method, path, body, query, etag)
        except _AgainError as error:
            self._broken = f"{self.host}: {error}, tried {tries.statistics.get('attempt_number', 1)} times"
            raise OutageError(self._broken, hint=_LATER) from error

    def _once(
        self, method: str, path: str, body: Document | None, query: Mapping[str, Any] | None, etag: str
    ) -> Answer:
        headers = {"Accept": _KIND, "Authorization": f"Bearer {self.token}"} | ({"If-Match": etag} if etag else {})
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            response = self.session.request(
                method,
                f"{self.base}/{path}",
                params=query,
                data=data,
                headers=headers | ({"Content-Type": _KIND} if data is not None else {}),
                timeout=(self.patience.connect, self.patience.read),
                verify=self.ca_file or True,
                allow_redirects=False,
            )
        except requests.exceptions.SSLError as error:
            self._broken = f"{self.host}: its certificate is not trusted"
            raise OutageError(self._broken, hint="Check [store] ca_file and url.") from error
        except requests.exceptions.ConnectTimeout as error:
            raise _AgainError("it cannot be reached") from error
        except requests.exceptions.RequestException as error:
            if method == "POST" and not _never_sent(error):
                raise InDoubtError(f"{self.host}: no answer to {method} {path}") from error
            raise _AgainError("it cannot be reached, or the connection was lost") from error
        return self._judged(response, method, path)

    def _judged(self, response: requests.Response, method: str, path: str) -> Answer:
        status = response.status_code
        document = _document(response)
        if status in _BUSY:
            raise _AgainError(f"it answers {status}", _seconds(response.headers.get("Retry-After", "")))
        if status in _GATEWAY:
            if method == "POST":
                raise InDoubtError(f"{self.host}: {status} to {method} {path}")
            raise _AgainError(f"it answers {status}")
        if status == 401:
            raise OutageError(f"{self.host}: 401, the token is not accepted", hint="Check [store] token.")
        if not 200 <= status < 300:
            words = str(document.get("detail") or response.reason)[:_MOST_WORDS]
            raise RefusedError(f"{status} {document.get('scimType', '')}: {words}".replace(" :", ":"), status)
        return Answer(status, document, response.headers)

    def _pause(self, state: RetryCallState) -> float:
        asked = _asked(state)
        backoff = wait_random_exponential(multiplier=self.patience.backoff, max=self.patience.between)
        return backoff(state) if asked is None else asked

    def _is_enough(self, state: RetryCallState) -> bool:
        return (_asked(state) or 0) > self.patience.between or state.attempt_number >= self.patience.tries


_LATER = "Run again when it answers: what is left to do is done first, and nothing twice."


def _asked(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome else None
    return error.after if isinstance(error, _AgainError) else None


def _never_sent(error: requests.exceptions.RequestException) -> bool:
    """Whether there was no connection at all, so that nothing can have been done."""
    return isinstance(error, requests.exceptions.ConnectionError) and "NewConnectionError" in repr(error)


def _seconds(text: str) -> float | None:
    return float(text) if text.strip().isdecimal() and len(text) < 9 else None


def _document(response: requests.Response) -> Document:
    try:
        document = response.json() if response.content else {}
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
