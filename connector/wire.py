"""HTTP whose answers end: in time, within a size, and without being taken elsewhere.

requests counts only the silence between two octets, so that a server which drips holds its client for ever; and it
reads the whole body of a redirect, however long, also where nobody follows it.
"""

import io
import math
import re
import socket
import time
from contextlib import closing
from http.client import HTTPResponse
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ReadTimeoutError

_CHUNK = 1 << 16
_TOKEN = re.compile(r"[!-~]+")


def is_token(value: object) -> bool:
    """Whether that can be sent as a token: text of visible ASCII signs (RFC 6750, section 2.1)."""
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


class TooLargeError(requests.RequestException):
    """An answer has more octets than its reader would ever need."""


class Reply(NamedTuple):
    """A whole answer."""

    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes


class Wire(requests.Session):
    """A session that leaves redirects to its user, and asks the environment for proxies once for each server."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[tuple[object, ...], Any] = {}

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """The settings of a request; one with proxies of its own is not remembered."""
        if proxies:
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        parts = urlsplit(url)
        key = (parts.scheme, parts.netloc, stream, verify, cert)
        if key not in self._asked:
            self._asked[key] = super().merge_environment_settings(url, {}, stream, verify, cert)
        return self._asked[key]

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


class PromptWire(Wire):
    """A Wire on which an answer, from its first line to its end, takes `times` the read timeout at most."""

    def __init__(self, times: float = 1) -> None:
        """Connect by connections that keep to it."""
        super().__init__()
        for scheme in ("https://", "http://"):
            self.mount(scheme, _PromptAdapter(times))

    def ask(self, method: str, url: str, *, most: int, **more: Any) -> Reply:
        """One request, and its whole answer of `most` octets at most; of a redirect only its headers.

        Raises requests.RequestException: TooLargeError for an answer that is longer, Timeout for one that is not
        there in time.
        """
        response = self.request(method, url, allow_redirects=False, stream=True, **more)
        with closing(response):
            try:
                body = b"" if 300 <= response.status_code < 400 else _body(response, most)
            except requests.ConnectionError as error:
                if error.args and isinstance(error.args[0], ReadTimeoutError):
                    raise requests.ReadTimeout(error.args[0]) from error
                raise
        return Reply(response.status_code, response.headers, body)


def _body(response: requests.Response, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > most:
            raise TooLargeError(f"more than {most:,} octets")
    return b"".join(parts)


class _InTime(io.RawIOBase):
    """What comes from a socket, until `times` its timeout is over."""

    def __init__(self, octets: io.RawIOBase, source: socket.socket, times: float) -> None:
        super().__init__()
        self._octets, self._source, self._silence = octets, source, source.gettimeout()
        self._until = time.monotonic() + (self._silence or math.inf) * times

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, into: Any) -> int | None:
        """Some octets. Raises TimeoutError when the time is over."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        if self._silence is not None:
            self._source.settimeout(min(self._silence, left))
        return self._octets.readinto(into)

    def close(self) -> None:
        """Let go of the socket."""
        self._octets.close()
        super().close()


def _pools(times: float) -> dict[str, type[HTTPConnectionPool]]:
    """Connection pools by scheme, all of whose answers keep to it."""

    class Prompt(HTTPResponse):
        def __init__(self, sock: socket.socket, *more: Any, **named: Any) -> None:
            super().__init__(sock, *more, **named)
            self.fp = io.BufferedReader(_InTime(self.fp.detach(), sock, times))

    class Plain(HTTPConnection):
        response_class = Prompt

    class Secure(HTTPSConnection):
        response_class = Prompt

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _PromptAdapter(HTTPAdapter):
    def __init__(self, times: float) -> None:
        self._pools = _pools(times)
        super().__init__()

    def init_poolmanager(self, *sizes: Any, **named: Any) -> None:
        super().init_poolmanager(*sizes, **named)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **named)
        manager.pool_classes_by_scheme = self._pools
        return manager
