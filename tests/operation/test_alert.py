"""What the guard of the SCIM endpoint tells those who get notices of refusals."""

import logging
import time

import pytest

from connector.bootstrap import build_provision
from connector.domain.scim import Caller
from connector.operation import alert
from connector.settings.load import load_settings
from tests.servers.small_school import lay
from tests.servers.webhook import Webhook

ENTRA = Caller("entra", "Entra token", frozenset({"write"}))


def provision_of(folder, hook, more=""):
    """A school's SCIM writes, with a webhook for its notices."""
    return build_provision(load_settings(lay(folder, more=f'[notices]\nwebhook = "{hook.url}"\n{more}'), {}), {})


def wait_for(something):
    """Until it holds; a notice is delivered beside the request."""
    until = time.monotonic() + 10
    while not something() and time.monotonic() < until:
        time.sleep(0.01)
    assert something()


def test_a_client_that_is_held_back_is_told_of_once(tmp_path):
    """One notice however often the client tries, with what to do and nobody's name."""
    with Webhook() as hook:
        provision = provision_of(tmp_path, hook)
        for _again in range(3):
            provision.alarm(ENTRA)
        wait_for(lambda: hook.posted)
        time.sleep(0.1)
    (posted,) = hook.posted
    assert posted.body["event"] == "refused"
    assert posted.body["subject"] == "Test College: SCIM client entra is held back"
    assert posted.body["client"] == "entra"
    assert "If it is right: trackone token accept entra" in posted.body["text"]


def test_who_wants_no_refusals_gets_none(tmp_path):
    """[notices] when decides here too."""
    with Webhook() as hook:
        provision_of(tmp_path, hook, 'when = ["failed"]\n').alarm(ENTRA)
        time.sleep(0.1)
    assert not hook.posted


def test_a_notice_that_does_not_arrive_is_logged(tmp_path, caplog):
    """The request that led to it never hears of it."""
    with Webhook(status=500) as hook, caplog.at_level(logging.WARNING, logger=alert.__name__):
        provision_of(tmp_path, hook).alarm(ENTRA)
        wait_for(lambda: any("it answered 500" in one.getMessage() for one in caplog.records))


@pytest.mark.parametrize("client", ["entra\nid", "<b>"])
def test_a_clients_name_stays_on_its_line(client, tmp_path):
    """Whatever a client is called, the subject is one line."""
    with Webhook() as hook:
        provision_of(tmp_path, hook).alarm(ENTRA._replace(client=client))
        wait_for(lambda: hook.posted)
    assert "\n" not in hook.posted[0].body["subject"]
