"""Notices posted as JSON."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import requests

from connector.domain.errors import OperationError
from connector.domain.operation import Notice
from connector.operation.deadline import DELIVERY_SECONDS, LateError, within
from connector.settings.values import WebhookSettings

TIMEOUT_SECONDS = 30


def post_notice(notice: Notice, settings: WebhookSettings, token: str, seconds: float = DELIVERY_SECONDS) -> None:
    """Post one notice. Raises OperationError that names the host, never the whole address, which may be a secret.

    The body has `text`, which chat services show as it is, beside `event`, `subject` and the facts.
    """
    body = {"text": f"{notice.subject}\n\n{notice.text}", "event": notice.occasion, "subject": notice.subject}
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        within(seconds, lambda: _post(settings, {**body, **notice.facts}, headers))
    except LateError:
        raise _undelivered(settings, "it did not answer in time") from None
    except requests.RequestException as error:
        raise _undelivered(settings, _cause(error)) from None
    except OSError as error:
        raise _undelivered(settings, f"[notices] ca_file cannot be read ({error.strerror or error})") from None
    except ValueError:  # its words hold the address or the token
        raise _undelivered(settings, "no request can be made of its address and token") from None


def _post(settings: WebhookSettings, body: Mapping[str, object], headers: Mapping[str, str]) -> None:
    """Post it, and look at the answer's head alone."""
    answer = requests.post(
        settings.url,
        json=body,
        headers=headers,
        timeout=TIMEOUT_SECONDS,
        allow_redirects=False,
        verify=str(settings.ca_file) if settings.ca_file else True,
        stream=True,
        hooks={"response": _stay},
    )
    with answer:
        if not 200 <= answer.status_code < 300:
            raise _undelivered(settings, f"it answered {answer.status_code} {answer.reason}")


def _stay(answer: requests.Response, **_: object) -> None:
    """A notice is not carried elsewhere; requests would still read all that a redirect holds, however long."""
    answer.headers.pop("Location", None)


def _undelivered(settings: WebhookSettings, cause: str) -> OperationError:
    host = urlsplit(settings.url).netloc.rpartition("@")[2]
    return OperationError(f"the webhook at {host} did not take the notice: {cause}", hint="check [notices] webhook")


def _cause(error: requests.RequestException) -> str:
    """What went wrong, without the address, which the library's own words hold."""
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, requests.Timeout):
        return "it did not answer"
    return "it cannot be reached" if isinstance(error, requests.ConnectionError) else type(error).__name__
