"""Notices posted to a real HTTP server on this machine."""

import pytest

from connector.domain.errors import OperationError
from connector.domain.operation import Notice
from connector.operation.webhook import post_notice
from connector.settings.values import WebhookSettings
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


def test_a_server_that_is_gone_is_named():
    """The host is said, never the whole address."""
    with Webhook() as hook:
        url = f"{hook.url}/secret-part"
    with pytest.raises(OperationError, match="it cannot be reached") as refused:
        post_notice(NOTICE, WebhookSettings(url), "")
    assert "secret-part" not in str(refused.value)
