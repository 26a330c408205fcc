"""Notices by mail, through a real mail server on this machine."""

import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from connector.domain.errors import OperationError
from connector.domain.operation import Notice
from connector.operation.mail import send_mail
from connector.settings.values import MailSettings
from tests.servers.silent import Listener
from tests.servers.smtp import HOST, MailServer

NOTICE = Notice("refused", "Riverside: refused by the guard (max-shrink)", "Zoë's export was cut.\n.\nLook.\n", {})
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def settings(server, **more):
    """Mail settings that lead to that server."""
    values = {"to": ("a@school.example", "b@school.example"), "sender": "trackone@school.example", "host": HOST}
    return MailSettings(**{**values, "port": server.port, "security": "none", **more})


def send(server, password="", notice=NOTICE, **more):
    """Send a notice there."""
    send_mail(notice, settings(server, **more), password, lambda: NOW)


def test_a_notice_arrives_whole():
    """Every recipient gets one message with its subject, letters, dots and date, and no machine answers it."""
    with MailServer() as server:
        send(server)
    (mail,) = server.received
    assert (mail.sender, mail.recipients) == ("trackone@school.example", ["a@school.example", "b@school.example"])
    assert mail.message["Subject"] == NOTICE.subject
    assert mail.message.get_content().replace("\r\n", "\n") == NOTICE.text
    assert mail.message["Date"].datetime == NOW
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["Message-ID"].endswith("@school.example>")


def test_a_subject_of_two_lines_adds_no_header():
    """A line end in a subject becomes a blank."""
    with MailServer() as server:
        send(server, notice=NOTICE._replace(subject="one\r\nBcc: evil@elsewhere.example"))
    assert server.received[0].message["Subject"] == "one Bcc: evil@elsewhere.example"
    assert server.received[0].message["Bcc"] is None


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_secured_server_is_signed_in_to_after_tls(authority, certificate, security):
    """The password goes over TLS only, to a server whose certificate the school's authority signed."""
    with MailServer(certificate, security, {"trackone": "Sesame-1"}) as server:
        send(server, "Sesame-1", security=security, user="trackone", ca_file=authority.file)
    (mail,) = server.received
    assert (mail.tls, mail.user) == (True, "trackone")


def test_each_failure_says_what_it_is(certificate):
    """The message names the server and the cause in plain words, and never a password."""
    gone = MailServer()
    with gone:
        pass
    cases = [
        (gone, {}, "Connection refused"),
        (MailServer(certificate, "starttls"), {"security": "starttls"}, "its certificate is not trusted"),
        (MailServer(), {"security": "starttls"}, "it offers no such way"),
        (MailServer(users={"trackone": "other"}), {"user": "trackone"}, "535 5.7.8 authentication failed"),
        (MailServer(refuse="@"), {}, "it refused every address"),
        (MailServer(refuse="b@"), {}, "refused 1 of 2 addresses"),
    ]
    for server, more, cause in cases:
        if server is gone:
            with pytest.raises(OperationError, match=cause):
                send(server, **more)
            continue
        with server, pytest.raises(OperationError) as refused:
            send(server, "Sesame-1", **more)
        assert cause in str(refused.value)
        assert HOST in str(refused.value)
        assert "[notices]" in str(refused.value)
        assert "Sesame-1" not in str(refused.value)


def greet_for_ever(connection):
    """A greeting of ever more lines."""
    with suppress(OSError):
        while True:
            connection.sendall(b"220-wait\r\n")
            time.sleep(0.02)


def test_no_greeting_holds_a_sync_up():
    """A server that always has one more thing to say is left."""
    begun = time.monotonic()
    with Listener(greet_for_ever) as server, pytest.raises(OperationError, match="it did not answer"):
        send_mail(NOTICE, settings(server), "", lambda: NOW, seconds=0.5)
    assert time.monotonic() - begun < 3


def test_a_password_that_mail_cannot_carry():
    """It is said which settings to look at; the password is not told."""
    with MailServer(users={"trackone": "x"}) as server, pytest.raises(OperationError, match="smtp_password") as told:
        send(server, "Ses\u00e4me-1", user="trackone")
    assert "me-1" not in str(told.value)
