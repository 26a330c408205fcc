"""A mail server of the tests' own (RFC 5321), which keeps what it is given and misbehaves when told to."""

import base64
import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import NamedTuple

HOST = "127.0.0.1"


class Received(NamedTuple):
    """A message as it arrived: the envelope, the message, whether by TLS, and who had signed in."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    tls: bool
    user: str


class MailServer:
    """Listens on a free port of this machine; `users` maps names to passwords where signing in is asked for.

    `secured` is starttls, tls or none; `refuse` answers 550 to recipients that hold that text.
    """

    def __init__(
        self,
        certificate: tuple[Path, Path] | None = None,
        secured: str = "none",
        users: dict[str, str] | None = None,
        refuse: str = "\0",
    ) -> None:
        """Nothing listens until `start`."""
        self.received: list[Received] = []
        self.secured, self.users, self.refuse = secured, users, refuse
        self.context = None
        if certificate is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        self._server = _Server((HOST, 0), _Conversation)
        self._server.owner = self

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_address[1]

    def __enter__(self) -> "MailServer":
        """Listen."""
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    owner: MailServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""


class _Conversation(StreamRequestHandler):
    """One connection."""

    server: _Server

    def handle(self) -> None:
        """Talk until the client quits."""
        owner = self.server.owner
        self.tls, self.user = False, ""
        if owner.secured == "tls":
            self._secure()
        self._sender, self._recipients = "", []
        self._say("220 tests ready")
        ways = {
            "EHLO": self._greet,
            "STARTTLS": self._start_tls,
            "AUTH": self._sign_in,
            "MAIL": self._from,
            "RCPT": self._to,
            "DATA": self._data,
        }
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            way = ways.get(verb)
            if way is None:
                self._say("221 bye" if verb == "QUIT" else "250 ok")
            else:
                way(line)

    def finish(self) -> None:
        """Close what TLS has put in the place of the socket."""
        super().finish()
        self.connection.close()

    def _greet(self, line: str) -> None:  # noqa: ARG002 - one shape for all
        owner = self.server.owner
        offers = ["tests"]
        offers += ["STARTTLS"] * (owner.secured == "starttls" and not self.tls)
        offers += ["AUTH PLAIN"] * (owner.users is not None)
        for offer in offers[:-1]:
            self._say(f"250-{offer}")
        self._say(f"250 {offers[-1]}")

    def _start_tls(self, line: str) -> None:  # noqa: ARG002 - as above
        self._say("220 go on")
        self._secure()

    def _sign_in(self, line: str) -> None:
        _, name, password = base64.b64decode(line.split()[2]).decode().split("\0")
        known = (self.server.owner.users or {}).get(name) == password
        self.user = name if known else ""
        self._say("235 welcome" if known else "535 5.7.8 authentication failed")

    def _from(self, line: str) -> None:
        self._sender, self._recipients = line[10:].split(" ", maxsplit=1)[0].strip("<>"), []
        self._say("530 sign in first" if self.server.owner.users is not None and not self.user else "250 ok")

    def _to(self, line: str) -> None:
        recipient = line[8:].strip("<>")
        if self.server.owner.refuse in recipient:
            self._say("550 5.1.1 no such mailbox")
        else:
            self._recipients.append(recipient)
            self._say("250 ok")

    def _data(self, line: str) -> None:  # noqa: ARG002 - as above
        self._say("354 go on")
        data = b""
        while (part := self.rfile.readline()) not in (b".\r\n", b""):
            data += part.removeprefix(b".")
        message = message_from_bytes(data, policy=policy.default)
        self.server.owner.received.append(Received(self._sender, self._recipients, message, self.tls, self.user))
        self._say("250 taken")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
        self.wfile.flush()

    def _secure(self) -> None:
        for stream in (self.rfile, self.wfile):
            stream.close()
        self.connection = self.server.owner.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb")
        self.tls = True
