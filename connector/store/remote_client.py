"""A SCIM service as the remote store sees it: requests that are sent again where they may be, and no doubt hidden.

RFC 7644 (SCIM protocol).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential

from connector.domain.errors import ConfigError, StoreError
from connector.store.remote_circuit import Circuit, OutageError
from connector.wire import PromptWire, Reply, TooLargeError, is_token

Document = dict[str, Any]

_BUSY = frozenset({429, 503})
"""Refused before anything was done, so that even a POST may be sent again."""

_NOT_DONE = frozenset({501, 505})
"""Refused for good, although the number begins with a 5."""

_KIND = "application/scim+json"
_MOST_WORDS = 300


class RefusedError(StoreError):
    """The service understood, and will not: `status` and its words; this one change only is concerned."""

    def __init__(self, message: str, status: int) -> None:
        """Keep the status."""
        super().__init__(message)
        self.status = status


class InDoubtError(StoreError):
    """No answer came to a request that may have been carried out."""


class _AgainError(Exception):
    def __init__(self, message: str, *, after: float | None = None, status: int = 0) -> None:
        super().__init__(message)
        self.after = after
        self.status = status


class Patience(NamedTuple):
    """Seconds to connect, for a whole answer, between tries at first and at most; how many tries; and octets at most.

    A page or a bulk has a few hundred users, so that no honest answer comes near the most octets.
    """

    connect: float = 10.0
    read: float = 60.0
    backoff: float = 1.0
    between: float = 120.0
    tries: int = 6
    octets: int = 32 << 20


PATIENCE = Patience()


class Answer(NamedTuple):
    """What came back: the document (empty for none), and the version of what it is about, where that was said."""

    document: Document
    etag: str = ""


@dataclass
class ScimClient:
    """A SCIM service at `base`, reached with a bearer token; one thread at a time may use it.

    `another` makes one for another thread: all of them share the `circuit`.
    """

    base: str
    token: str
    session: PromptWire
    circuit: Circuit
    ca_file: str = ""
    patience: Patience = PATIENCE
    _verify: bool | str = field(default=True, init=False)

    def __post_init__(self) -> None:
        """Ask the environment for proxies and authorities once, not for each request; never for credentials.

        Raises ConfigError for a token that is none.
        """
        if not is_token(self.token):
            raise ConfigError(
                "the token of [store] holds signs that no token has",
                hint="Copy it again, without quotes or line ends, to where [store] token says.",
            )
        self._verify = self.ca_file or True
        if self.session.trust_env:
            found = self.session.merge_environment_settings(self.base, {}, None, self._verify, None)
            self.session.proxies, self._verify = found["proxies"], found["verify"] or True
            self.session.trust_env = False

    @property
    def host(self) -> str:
        """The service as messages name it."""
        return urlsplit(self.base).netloc

    def another(self) -> "ScimClient":
        """The same service on connections of its own."""
        return replace(self, session=PromptWire())

    def users(self, page_size: int) -> Iterator[Document]:
        """Every user, page by page (RFC 7644, section 3.4.2.4).

        Raises OutageError where fewer come than the service says there are, where one comes twice, and where the
        answer is no list of users.
        """
        seen: set[str] = set()
        total = 1
        while len(seen) < total:
            total, page = self._page({"startIndex": len(seen) + 1, "count": page_size})
            fresh = {str(user.get("id", "")) for user in page} - seen
            if len(fresh) != len(page) or (not page and len(seen) < total):
                raise OutageError(
                    f"{self.host}: {len(seen)} of {total} users came, then others twice or none",
                    hint="Run again; somebody may have changed users meanwhile.",
                )
            seen |= fresh
            yield from page

    def find(self, attribute: str, value: str) -> list[Document]:
        """The users whose attribute equals that text (RFC 7644, section 3.4.2.2), as the service sees it."""
        return self._page({"filter": f"{attribute} eq {json.dumps(value, ensure_ascii=False)}"})[1]

    def get(self, path: str) -> Document:
        """One document."""
        return self.send("GET", path).document

    def send(
        self, method: str, path: str, body: bytes | Document | None = None, *, query: Mapping[str, Any] | None = None,
        etag: str = "",
    ) -> Answer:  # fmt: skip
        """One request, tried again as long as patience lasts.

        Raises RefusedError for an answer that says no, InDoubtError where a POST may have been carried out, and
        OutageError where the service cannot be used; after that at once, without asking it again for a while.
        """
        data = json.dumps(body, ensure_ascii=False).encode() if isinstance(body, dict) else body
        try:
            return self._once(method, path, data, query, etag)
        except _AgainError as error:
            return self._again(error, method, path, data, query, etag)

    def _again(self, first: _AgainError, *asked: Any) -> Answer:
        """Go on after a first try that failed; most requests never come here, and pay nothing for it."""
        failed = [first]

        def once() -> Answer:
            if failed:
                raise failed.pop()
            return self._once(*asked)

        tries = Retrying(
            retry=retry_if_exception_type(_AgainError),
            stop=self._is_enough,
            wait=self._pause,
            sleep=self.circuit.pause,
            reraise=True,
        )
        try:
            return tries(once)
        except _AgainError as error:
            if error.status and error.status not in _BUSY and not _by_gateway(error.status):
                raise RefusedError(str(error), error.status) from error
            count = tries.statistics.get("attempt_number", 1)
            words = f"{self.host}: {error}, tried {'once' if count == 1 else f'{count} times'}"
            raise self.circuit.opened(words) from error

    def _page(self, query: Mapping[str, Any]) -> tuple[int, list[Document]]:
        try:
            told = self.send("GET", "Users", query=query).document
        except RefusedError as error:
            raise OutageError(
                f"{self.host} does not show its users: {error}", hint="Check [store] url, and what the token may."
            ) from error
        total, page = told.get("totalResults"), told.get("Resources") or []
        if not isinstance(total, int) or not isinstance(page, list) or not all(map(_is_user, page)):
            raise OutageError(
                f"{self.host} answers with no list of users", hint="Check that [store] url leads to a SCIM endpoint."
            )
        return total, page

    def _once(self, method: str, path: str, data: bytes | None, query: Mapping[str, Any] | None, etag: str) -> Answer:
        self.circuit.wait()
        headers = {"Accept": _KIND, "Authorization": f"Bearer {self.token}"} | ({"If-Match": etag} if etag else {})
        try:
            reply = self.session.ask(
                method,
                f"{self.base}/{path}",
                most=self.patience.octets,
                params=query,
                data=data,
                headers=headers | ({"Content-Type": _KIND} if data is not None else {}),
                timeout=(self.patience.connect, self.patience.read),
                verify=self._verify,
            )
        except requests.exceptions.RequestException as error:
            raise self._unanswered(error, method, path) from error
        return self._judged(reply, method, path)

    def _unanswered(self, error: requests.exceptions.RequestException, method: str, path: str) -> Exception:
        if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE" in repr(error).upper():
            words = f"{self.host}: its certificate is not trusted"
            return self.circuit.opened(words, hint="Check [store] ca_file and url.")
        if _never_sent(error):
            return _AgainError("it cannot be reached")
        if method == "POST":
            self.circuit.fault(f"{self.host}: {_cause(error)}, again and again", reads=False)
            return InDoubtError(f"{self.host}: no answer to {method} {path}")
        return _AgainError(_cause(error))

    def _judged(self, reply: Reply, method: str, path: str) -> Answer:
        status = reply.status
        document = _document(reply.body)
        if status in _BUSY:
            asked = _seconds(reply.headers)
            if asked is not None and asked <= self.patience.between:
                self.circuit.hold(asked)
            raise _AgainError(f"it answers {_told(status, document)}", after=asked, status=status)
        if status >= 500 and status not in _NOT_DONE:
            self.circuit.fault(f"{self.host}: it answers {status}, again and again", reads=method == "GET")
            if method == "POST":
                raise InDoubtError(f"{self.host}: {status} to {method} {path}")
            raise _AgainError(f"it answers {_told(status, document)}", status=status)
        self.circuit.well(reads=method == "GET")
        if status == 401:
            raise OutageError(f"{self.host}: 401, the token is not accepted", hint="Check [store] token.")
        if 300 <= status < 400:
            raise OutageError(f"{self.host}: {status}, it is somewhere else", hint="Check [store] url.")
        if not 200 <= status < 300:
            raise RefusedError(_told(status, document), status)
        if document is None and method == "GET":
            raise _AgainError("what it answers is no JSON")
        return Answer(document or {}, reply.headers.get("ETag", ""))

    def _pause(self, state: RetryCallState) -> float:
        asked = _asked(state)
        backoff = wait_random_exponential(multiplier=self.patience.backoff, max=self.patience.between)
        return backoff(state) if asked is None else asked

    def _is_enough(self, state: RetryCallState) -> bool:
        return (_asked(state) or 0) > self.patience.between or state.attempt_number >= self.patience.tries


def _told(status: int, document: Document | None) -> str:
    """The status, with what the service says to it (RFC 7644, section 3.12)."""
    said = document or {}
    kind, detail = (" ".join(str(said.get(key) or "").split())[:_MOST_WORDS] for key in ("scimType", "detail"))
    return f"{status} {kind}".rstrip() + (f": {detail}" if detail else "")


def _is_user(told: Any) -> bool:
    """Whether it has what every user has (RFC 7643, sections 3.1 and 4.1.1)."""
    return isinstance(told, dict) and bool(told.get("id")) and bool(told.get("userName"))


def _by_gateway(status: int) -> bool:
    """Whether something in front of the service says that it cannot be used."""
    return status in (502, 504)


def _asked(state: RetryCallState) -> float | None:
    error = state.outcome.exception() if state.outcome else None
    return error.after if isinstance(error, _AgainError) else None


def _never_sent(error: requests.exceptions.RequestException) -> bool:
    """Whether there was no connection at all, so that nothing can have been done."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    return isinstance(error, requests.exceptions.ConnectionError) and "NewConnectionError" in repr(error)


def _cause(error: requests.exceptions.RequestException) -> str:
    """Why no whole answer came."""
    if isinstance(error, TooLargeError):
        return "its answer is longer than any that could be true"
    late = isinstance(error, requests.exceptions.Timeout)
    return "its answer is not there in time" if late else "the connection was lost"


def _seconds(headers: Mapping[str, str]) -> float | None:
    """What Retry-After asks: so many seconds, or until a moment, by the clock of the service (RFC 9110, 10.2.3)."""
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal() and len(text) < 9:
        return float(text)
    try:
        until, now = parsedate_to_datetime(text), parsedate_to_datetime(headers.get("Date", ""))
        return max((until - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


def _document(body: bytes) -> Document | None:
    """The JSON object, empty where nothing was sent; None for anything else."""
    if not body:
        return {}
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
