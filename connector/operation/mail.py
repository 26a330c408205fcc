"""Notices by mail."""

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from socket import gaierror

from connector.domain.errors import OperationError
from connector.domain.operation import Notice
from connector.domain.ports import Clock
from connector.operation.deadline import DELIVERY_SECONDS, LateError, within
from connector.settings.values import MailSettings

TIMEOUT_SECONDS = 30


def send_mail(
    notice: Notice, settings: MailSettings, password: str, clock: Clock, seconds: float = DELIVERY_SECONDS
) -> None:
    """Hand one message to the mail server, for all who get notices. Raises OperationError that names the server."""
    lost: list[str] = []

    def hand_over() -> None:
        with _server(settings) as server:
            if settings.user:
                server.login(settings.user, password)
            lost.extend(server.send_message(_message(notice, settings, clock())))

    try:
        within(seconds, hand_over)
    except (smtplib.SMTPException, OSError, LateError) as error:
        raise OperationError(
            f"the mail server {settings.host}:{settings.port} did not take the notice: {_cause(error)}",
            hint="check [notices] smtp_host, smtp_port, smtp_security and smtp_user",
        ) from error
    except UnicodeEncodeError:  # its words hold the password
        raise OperationError(
            f"the mail server {settings.host}:{settings.port} cannot be told the user and the password: "
            "they hold letters that signing in by mail does not know",
            hint="check [notices] smtp_user and smtp_password; give that account a password of plain letters",
        ) from None
    if lost:
        raise OperationError(
            f"the mail server {settings.host} refused {len(lost)} of {len(settings.to)} addresses",
            hint="check [notices] mail_to",
        )


def _server(settings: MailSettings) -> smtplib.SMTP:
    """The server, connected and secured."""
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=TIMEOUT_SECONDS, context=context)
    server = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT_SECONDS)
    if settings.security == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _message(notice: Notice, settings: MailSettings, now: datetime) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = " ".join(notice.subject.split())
    message["From"] = settings.sender
    message["To"] = ", ".join(settings.to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834, section 5: no automatic answers, please
    message.set_content(notice.text)
    return message


def _cause(error: Exception) -> str:
    """What went wrong, in the server's words where it said any."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "it refused every address"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "it offers no such way (STARTTLS, or signing in)"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, gaierror):
        return "no such host"
    return "it did not answer" if isinstance(error, TimeoutError | LateError) else str(error) or type(error).__name__
