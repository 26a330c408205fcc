"""One OneRoster service over HTTP: signed requests, sent again where they may be, within a budget of time."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, NamedTuple, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_random_exponential
from urllib3.exceptions import HTTPError

from connector.domain.errors import SourceError
from connector.domain.ports import Clock
from connector.settings.values import SisConnection
from connector.sources.oneroster_rest_auth import Monotonic, signer_of
from connector.sources.oneroster_rest_faults import AgainError, reason_of, refused
from connector.wire import Wire, is_token

Given = TypeVar("Given")

_AGAIN = frozenset({429, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_CHUNK = 1 << 16
_PORTS = {"https": 443, "http": 80}


class Patience(NamedTuple):
    """How long is waited, in seconds: to connect, for the next octets, between two tries (`between` at most, about
    `backoff` at first); how often a request is tried; how many octets an answer may have.
    """

    connect: float = 10.0
    read: float = 60.0
    between: float = 120.0
    backoff: float = 1.0
    tries: int = 6
    octets: int = 64 << 20


class Times(NamedTuple):
    """The clocks: the wall's, a steady one in seconds, and how to wait."""

    clock: Clock
    steady: Monotonic
    sleep: Callable[[float], None]


@dataclass(frozen=True)
class Answer:
    """A JSON answer, the address it came from, its headers, and the addresses its Link header names."""

    body: bytes
    url: str
    headers: Mapping[str, str]
    links: Mapping[str, str]

    @cached_property
    def document(self) -> Any:
        """What the body says. Raises SourceError for broken JSON."""
        return _parsed(self.body, _place(self.url))


Whole = tuple[requests.Response, bytes]


@dataclass
class Service:
    """The service at `connection.url`; a whole read must end within `connection.timeout` from now.

    It is one thread's at a time, whose `turn` it is.
    """

    connection: SisConnection
    secret: str
    session: Wire
    times: Times
    patience: Patience
    turn: threading.Lock = field(default_factory=threading.Lock)
    until: float = field(init=False)

    def __post_init__(self) -> None:
        """The budget begins now."""
        self.until = self.times.steady() + self.connection.timeout.total_seconds()
        self.signer = signer_of(self.connection, self.secret, self._ask_token, self.times.steady)

    @property
    def host(self) -> str:
        """The service as messages name it."""
        return urlsplit(self.connection.url).netloc

    def get(self, url: str) -> Answer:
        """The answer, not yet parsed, at an address of this service, after as many tries as it takes.

        Sent again are only requests that got 429, 502, 503, 504 or no whole answer. A 401 is answered once with a
        new token. Raises SourceError for everything else, and when time or tries are used up.
        """
        return self._persist(lambda: self._get(url))

    def _get(self, url: str) -> Answer:
        response, body = self._follow(url)
        if response.status_code == 401 and self.signer.renew():
            response, body = self._follow(url)
        _require_json(response, body, _place(url))
        links = {rel: link["url"] for rel, link in response.links.items() if "url" in link}
        return Answer(body, url, response.headers, links)

    def _follow(self, url: str) -> Whole:
        """The answer, after redirects that stay with this service."""
        for _ in range(_MOST_REDIRECTS + 1):
            response, body = self._send("GET", url, self.signer.auth())
            if response.status_code not in _REDIRECTS:
                return response, body
            url = self.own(url, response.headers.get("Location", ""))
        raise SourceError(f"{_place(url)}: the SIS redirects again and again", hint="Check [sis] url.")

    def own(self, url: str, reference: str) -> str:
        """The address that a page at `url` refers to, if it is one of this service.

        Raises SourceError for another's: secrets are not sent there.

        A service behind a proxy may call itself http://; it is asked by https:// all the same.
        """
        ours, theirs = urlsplit(self.connection.url), _joined(url, reference)
        if theirs and _origin(ours) == _origin(theirs):
            return theirs.geturl()
        if theirs and (ours.scheme, theirs.scheme, ours.hostname) == ("https", "http", theirs.hostname):
            return theirs._replace(scheme=ours.scheme, netloc=ours.netloc).geturl()
        where = theirs.netloc.rpartition("@")[2] if theirs else "an address that is none"
        raise SourceError(
            f"{self.host} sends the reader on to {where or 'nowhere'}, where its credentials do not belong",
            hint="If that is the right service, write its address as [sis] url.",
        )

    def _ask_token(self, url: str, form: Mapping[str, str], client: tuple[str, str]) -> Mapping[str, object]:
        """The answer of a token endpoint (RFC 6749, section 5.1). Raises SourceError."""
        response, body = self._persist(lambda: self._send("POST", url, HTTPBasicAuth(*map(str.encode, client)), form))
        _require_json(response, body, _place(url))
        document = _parsed(body, _place(url))
        if not isinstance(document, dict) or not is_token(document.get("access_token")):
            raise SourceError(f"{_place(url)}: the answer holds no access_token", hint="Check token_url.")
        return document

    def _persist(self, once: Callable[[], Given]) -> Given:
        """What `once` gives, tried again as long as it raises AgainError and patience lasts."""
        tries = Retrying(
            retry=retry_if_exception_type(AgainError),
            stop=self._is_enough,
            wait=self._pause,
            sleep=self.times.sleep,
            reraise=True,
        )
        return tries(once)

    def _pause(self, state: RetryCallState) -> float:
        asked = _fault(state).after
        backoff = wait_random_exponential(multiplier=self.patience.backoff, max=self.patience.between)
        return backoff(state) if asked is None else asked

    def _is_enough(self, state: RetryCallState) -> bool:
        fault = _fault(state)
        too_long = (fault.after or 0) > self.patience.between
        late = self.times.steady() + state.upcoming_sleep >= self.until
        enough = too_long or late or state.attempt_number >= self.patience.tries
        if enough and state.attempt_number > 1:
            fault.message += f" (tried {state.attempt_number} times)"
        return enough

    def _send(self, method: str, url: str, auth: AuthBase, form: Mapping[str, str] | None = None) -> Whole:
        """One request and its whole answer. Raises AgainError for what may pass, SourceError for what will not."""
        place = _place(url)
        ca_file = self.connection.ca_file
        left = self._require_time(place)
        with _translated(place):
            response = self.session.request(
                method,
                url,
                data=form,
                auth=auth,
                headers={"Accept": "application/json"},
                timeout=(min(self.patience.connect, left), min(self.patience.read, left)),
                verify=True if ca_file is None else str(ca_file),  # a session's own gives way to REQUESTS_CA_BUNDLE
                allow_redirects=False,
                stream=True,
            )
            with closing(response):
                body = self._body(response, place)
        if response.status_code in _AGAIN:
            error = refused(response, body, place)
            raise AgainError(error.message, hint=error.hint, after=self._asked_to_wait(response))
        return response, body

    @property
    def left(self) -> float:
        """The seconds left of the budget."""
        return max(0.0, self.until - self.times.steady())

    def too_late(self, place: str) -> SourceError:
        """What to say when the budget is used up."""
        return SourceError(
            f"{place}: the read took longer than {self.connection.timeout}",
            hint="Allow more with [sis.connection] timeout, or run when the SIS is less busy.",
        )

    def _require_time(self, place: str) -> float:
        """The seconds left. Raises SourceError where there are none."""
        left = self.left
        if not left:
            raise self.too_late(place)
        return left

    def _body(self, response: requests.Response, place: str) -> bytes:
        """All octets of an answer, however slowly they drip, up to the limits of size and time."""
        parts: list[bytes] = []
        size = 0
        while part := response.raw.read1(_CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            self._require_time(place)
            if size > self.patience.octets:
                raise SourceError(
                    f"{place}: an answer is larger than {self.patience.octets >> 20} MiB",
                    hint="Set a smaller [sis.connection] page_size.",
                )
        return b"".join(parts)

    def _asked_to_wait(self, response: requests.Response) -> float | None:
        """The seconds that Retry-After asks for (RFC 9110, section 10.2.3)."""
        asked = response.headers.get("Retry-After", "").strip()
        if asked.isdecimal() and len(asked) < 9:
            return float(asked)
        try:
            moment = parsedate_to_datetime(asked)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - self.times.clock()).total_seconds())


def _fault(state: RetryCallState) -> AgainError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, AgainError)  # noqa: S101 - nothing else is tried again
    return error


def _joined(url: str, reference: str) -> SplitResult | None:
    """The address of a reference on a page; None for one that is no address."""
    try:
        parts = urlsplit(urljoin(url, reference))
        return parts if parts.port is None or parts.port else None
    except ValueError:
        return None


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _place(url: str) -> str:
    """An address as messages give it: without its query, where a filter may stand."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"


def _require_json(response: requests.Response, body: bytes, place: str) -> None:
    if response.status_code != 200:
        raise refused(response, body, place)
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not kind.endswith(("/json", "+json")):
        raise SourceError(
            f"{place}: the SIS answered {kind or 'something of no type'}, not JSON",
            hint="Check [sis] url; a page for people, such as a sign-in, answers like this.",
        )


def _parsed(body: bytes, place: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise SourceError(
            f"{place}: the answer is broken JSON", hint="Try again; if it stays, tell the SIS's vendor."
        ) from None


@contextmanager
def _translated(place: str) -> Iterator[None]:
    """Turn what goes wrong on the way into AgainError, or SourceError where another try is of no use."""
    try:
        yield
    except requests.exceptions.SSLError as error:
        raise SourceError(
            f"{place}: {reason_of(error)}", hint="Check [sis.connection] ca_file and [sis] url."
        ) from error
    except (requests.exceptions.Timeout, requests.exceptions.ConnectionError, HTTPError) as error:
        raise AgainError(f"{place}: {reason_of(error)}", hint="Check that the SIS can be reached.") from error
    except requests.exceptions.RequestException as error:
        raise SourceError(f"{place}: {reason_of(error)}", hint="Check [sis] url.") from error
    except OSError as error:  # what requests says of a file of authorities that is not there
        raise SourceError(
            f"{place}: the certificate authority's file cannot be read", hint="Check [sis.connection] ca_file."
        ) from error
    except ValueError:  # its words may hold what signs the request
        raise SourceError(
            f"{place}: no request can be made of [sis] url and the credentials",
            hint="Check them for signs that do not belong there.",
        ) from None
