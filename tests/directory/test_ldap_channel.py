"""TLS by way of memory: what arrives in any pieces is whole, slowness ends in time, an end is an end."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from connector.directory.ldap_channel import Channel
from connector.directory.ldap_tls import verified_context


@contextmanager
def spoken(authority, certificate, act, name="localhost", seconds=5.0):
    """A channel to a server that shakes hands and does `act` with its side of the connection and the raw socket."""
    near, far = socket.socketpair()
    near.settimeout(seconds)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def serve():
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        side = context.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                side.do_handshake()
                break
            except ssl.SSLWantReadError:
                far.sendall(outgoing.read())
                incoming.write(far.recv(1 << 16))
            except ssl.SSLError:
                return
        far.sendall(outgoing.read())
        act(side, outgoing, far)

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    try:
        yield Channel(near, verified_context(authority.file), name)
    finally:
        near.close()
        far.close()
        server.join(5)


def records(side, outgoing, texts):
    """Each text as a record of its own."""
    for text in texts:
        side.write(text)
    return outgoing.read()


def everything(channel):
    """All that comes until the end, and in how many reads."""
    parts = []
    while octets := channel.recv(1 << 18):
        parts.append(octets)
    return b"".join(parts), len(parts)


def test_many_records_come_with_one_read(authority, certificate):
    """A thousand records that came already are read together, in their order."""
    texts = [b"entry %d;" % number for number in range(1_000)]

    def act(side, outgoing, far):
        far.sendall(records(side, outgoing, texts))
        far.shutdown(socket.SHUT_WR)

    with spoken(authority, certificate, act) as channel:
        assert channel.version() == "TLSv1.3"
        time.sleep(0.2)
        text, reads = everything(channel)
    assert (text, reads < 20) == (b"".join(texts), True)


def test_pieces_of_any_size_are_put_together(authority, certificate):
    """Records cut at every third octet arrive whole."""

    def act(side, outgoing, far):
        octets = records(side, outgoing, [b"x" * 50, b"y" * 40])
        for at in range(0, len(octets), 3):
            far.sendall(octets[at : at + 3])
        far.shutdown(socket.SHUT_WR)

    with spoken(authority, certificate, act) as channel:
        assert everything(channel)[0] == b"x" * 50 + b"y" * 40


def test_a_server_that_drips_is_not_waited_for(authority, certificate):
    """An octet now and then does not prolong the time of one read."""

    def act(side, outgoing, far):
        for octet in records(side, outgoing, [b"x" * 5_000]):
            time.sleep(0.05)
            try:
                far.sendall(bytes([octet]))
            except OSError:
                return

    with spoken(authority, certificate, act) as channel:
        channel.settimeout(0.5)
        with pytest.raises(TimeoutError):
            channel.recv(1 << 18)


def test_garbage_after_a_record_is_met_by_the_next_read(authority, certificate):
    """What came whole is given first."""

    def act(side, outgoing, far):
        far.sendall(records(side, outgoing, [b"whole"]) + b"\x17\x03\x03\x00\x20" + b"?" * 32)

    with spoken(authority, certificate, act) as channel:
        time.sleep(0.2)
        assert channel.recv(1 << 18) == b"whole"
        with pytest.raises(ssl.SSLError):
            channel.recv(1 << 18)


def test_the_end_that_is_said_is_the_end(authority, certificate):
    """A server that says good-bye and keeps the socket open is not waited for."""

    def act(side, outgoing, far):
        far.sendall(records(side, outgoing, [b"last"]))
        with suppress(ssl.SSLWantReadError):
            side.unwrap()
        far.sendall(outgoing.read())
        time.sleep(3)

    with spoken(authority, certificate, act) as channel:
        began = time.monotonic()
        assert everything(channel)[0] == b"last"
        assert time.monotonic() - began < 2


def test_a_limit_is_for_all_until_the_next(authority, certificate):
    """Many short reads take no longer together than one may."""

    def act(side, outgoing, far):
        for _ in range(100):
            time.sleep(0.05)
            with suppress(OSError):
                far.sendall(records(side, outgoing, [b"x"]))

    with spoken(authority, certificate, act) as channel:
        channel.settimeout(0.5)
        with pytest.raises(TimeoutError):
            everything(channel)


def test_a_certificate_for_another_name_is_refused(authority, certificate):
    """The name is verified as ssl.SSLSocket would."""
    with (
        pytest.raises(ssl.SSLCertVerificationError),
        spoken(authority, certificate, lambda *_: None, name="other.example"),
    ):
        pass
