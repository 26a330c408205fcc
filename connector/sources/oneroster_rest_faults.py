"""What a OneRoster service says when it refuses, in its own words, and what to do about it."""

import json
import re
from collections.abc import Iterator, Mapping

from requests import Response

from connector.domain.errors import SourceError
from connector.sources.text import clean

MOST_WORDS = 300
_ERRNO = re.compile(r"\[Errno -?\d+\] ([^)'\"]+)")
_HINTS = {
    400: "The service does not take the question: check [sis.connection] version and page_size with its vendor.",
    401: "Check client_id, the secret and auth under [sis.connection].",
    403: "Ask the SIS to let this client read the roster; check [sis.connection] scopes.",
    404: "Check [sis] url: it ends before the collection, as in .../ims/oneroster/rostering/v1p2.",
    429: "The service asks for fewer requests: run less often, or set a larger [sis.connection] page_size.",
}
_OTHER = "Try again later; if it stays, give the vendor this message."


class AgainError(SourceError):
    """A fault that may pass: the request may be sent again, not before `after` seconds where the service says so."""

    def __init__(self, message: str, *, hint: str = "", after: float | None = None) -> None:
        """Keep how long the service asks to wait."""
        super().__init__(message, hint=hint)
        self.after = after


def refused(response: Response, body: bytes, what: str) -> SourceError:
    """The error for an answer that is no success."""
    words = vendor_words(body)
    said = f": {words}" if words else ""
    status = f"{response.status_code} {response.reason or ''}".strip()
    hint = _HINTS.get(response.status_code, _OTHER)
    return SourceError(f"{what}: the SIS answered {status}{said}", hint=hint)


def vendor_words(body: bytes) -> str:
    """What an error document says: code, description and minor codes, wherever servers put them (imsx_StatusInfo).

    Empty for what is no JSON object, since pages of proxies say nothing useful.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    words = dict.fromkeys(_told(document)) if isinstance(document, dict) else {}
    return clean(", ".join(words))[:MOST_WORDS]


_TOLD = ("codemajor", "description", "codeminorfieldvalue", "error", "errordescription", "message", "detail")


def _told(value: object, depth: int = 0) -> Iterator[str]:
    if isinstance(value, list) and depth < 8:
        for one in value:
            yield from _told(one, depth + 1)
    elif isinstance(value, Mapping) and depth < 8:
        for name, inner in value.items():
            plain = name.lower().removeprefix("imsx_").replace("_", "")
            if isinstance(inner, str) and inner.strip() and plain in _TOLD:
                yield inner
            else:
                yield from _told(inner, depth + 1)


def reason_of(error: Exception) -> str:
    """Why a connection failed, in the system's words where it has any; never an address with its query."""
    shown = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in shown or "certificate verify failed" in shown:
        found = re.search(r"certificate verify failed: ([^()]+)", shown)
        return f"its certificate is not trusted: {found[1].strip() if found else 'unknown'}"
    if found := _ERRNO.search(shown):
        return found[1].strip().lower()
    if "timed out" in shown:
        return "no answer in time"
    return "the connection was lost"
