"""Notices posted to a real HTTP server on this machine."""

import time
from contextlib import suppress

import pytest

from connector.domain.errors import OperationError
from connector.domain.operation import Notice
from connector.operation.webhook import post_notice
from connector.settings.values import WebhookSettings
from tests.servers.silent import Listener
from tests.servers.webhook import Webhook

NOTICE = Notice("changed", "Riverside: run 12", "3 accounts created.\n", {"run": 12, "counts": {"create": 3}})


def test_a_notice_is_posted_as_json_with_its_token():
    """What a chat shows, what a program reads, and the bearer token, in one request."""
    with Webhook() as hook:
        post_notice(NOTICE, WebhookSettings(hook.url), "Sesame-1")
    (posted,) = hook.posted
    assert posted.headers["Authorization"] == "Bearer Sesame-1"
    assert posted.headers["Content-Type"] == "application/json"
    assert posted.body == {
        "text": "Riverside: run 12\n\n3 accounts created.\n",
        "event": "changed",
        "subject": "Riverside: run 12",
        "run": 12,
        "counts": {"create": 3},
    }


def test_the_schools_own_authority_is_trusted(authority, certificate):
    """With its certificate named a private server is reached; without it is not."""
    with Webhook(certificate) as hook:
        post_notice(NOTICE, WebhookSettings(hook.url, ca_file=authority.file), "")
        with pytest.raises(OperationError, match="its certificate is not trusted"):
            post_notice(NOTICE, WebhookSettings(hook.url), "")
    assert len(hook.posted) == 1


@pytest.mark.parametrize(("status", "said"), [(500, "500"), (404, "404"), (302, "302"), (307, "307")])
def test_an_answer_that_takes_nothing_is_a_failure(status, said):
    """A fault or a way elsewhere is said, the notice is not carried on, and the address is not told."""
    with Webhook(status=status) as hook, pytest.raises(OperationError, match=f"it answered {said}") as refused:
        post_notice(NOTICE, WebhookSettings(f"{hook.url}/secret-part"), "Sesame-1")
    assert len(hook.posted) == 1
    assert "secret-part" not in str(refused.value)
    assert "Sesame-1" not in str(refused.value)


def drip(connection):
    """Take the request, and answer an octet at a time, for ever."""
    with suppress(OSError):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while True:
            connection.sendall(b"a")
            time.sleep(0.02)


def pour(connection):
    """Take the request, and send somebody on with an answer that has no end."""
    with suppress(OSError):
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://[of-no-kind/\r\n\r\n")
        while True:
            connection.sendall(b"a" * 65536)


@pytest.mark.parametrize(("answer", "cause"), [(drip, "it did not answer in time"), (pour, "it answered 302 Found")])
def test_no_answer_holds_a_sync_up(answer, cause):
    """However slowly or long a server answers, the delivery has an end, and the cause is said."""
    begun = time.monotonic()
    with Listener(answer) as server, pytest.raises(OperationError, match=cause):
        post_notice(NOTICE, WebhookSettings(f"http://127.0.0.1:{server.port}/"), "", seconds=0.5)
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    ("address", "token"), [("http://me:pass-1@127.0.0.1:9/", ""), ("http://127.0.0.1:9/", "Ses\u00e4me-\u4e2d")]
)
def test_no_secret_is_told_of_what_cannot_be_sent(address, token):
    """Neither a password in the address nor a token with signs that none has is in the message."""
    with pytest.raises(OperationError, match=r"127\.0\.0\.1:9 did not take the notice") as refused:
        post_notice(NOTICE, WebhookSettings(address), token)
    assert "pass-1" not in str(refused.value)
    assert "me-" not in str(refused.value)


def test_a_server_that_is_gone_is_named():
    """The host is said, never the whole address."""
    with Webhook() as hook:
        url = f"{hook.url}/secret-part"
    with pytest.raises(OperationError, match="it cannot be reached") as refused:
        post_notice(NOTICE, WebhookSettings(url), "")
    assert "secret-part" not in str(refused.value)
