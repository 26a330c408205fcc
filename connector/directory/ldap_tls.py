"""Whom a connection trusts, and why it did not."""

import socket
import ssl
from pathlib import Path

from connector.directory.ldap_ber import NotLdapError
from connector.directory.ldap_certificate import Certificate, read_certificate
from connector.domain.errors import ConfigError

_PEM = b"-----BEGIN CERTIFICATE-----"

# X509_verify_cert_error codes of OpenSSL (x509_vfy.h)
_NOT_YET, _EXPIRED = 9, 10
_SELF_SIGNED = 18
_UNKNOWN_ISSUER = frozenset((2, 19, 20, 21))
_WRONG_NAME = frozenset((62, 64))

_START_TLS = bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037"


def verified_context(ca_file: Path | None) -> ssl.SSLContext:
    """TLS of at least 1.2 that demands a trusted certificate with the right name, alike on every Python.

    `ca_file` (PEM, or DER as Windows exports it) then is the only authority; what it holds is trusted as it
    stands, an intermediate authority or the server's own certificate too. Raises ConfigError.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if ca_file is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        return context
    if ca_file.exists() and not ca_file.is_file():
        raise ConfigError(f"[directory] ca_file {ca_file}: is no file, but a folder or a device")
    try:
        data = ca_file.read_bytes()
        if _PEM in data:
            context.load_verify_locations(cafile=ca_file)
        else:
            context.load_verify_locations(cadata=data)
    except ssl.SSLError as error:
        raise ConfigError(
            f"[directory] ca_file {ca_file.name}: there is no certificate in it ({error.reason or error})",
            hint="Export the authority's certificate as Base-64 X.509 (.cer); see docs/directory.md.",
        ) from error
    except OSError as error:
        raise ConfigError(f"[directory] ca_file {ca_file}: cannot be read ({error.strerror})") from error
    return context


def distrust(error: ssl.SSLCertVerificationError, host: str, certificate: Certificate | None) -> str:
    """Why a certificate was not trusted, with what it says of itself."""
    who = f" ({certificate})" if certificate else ""
    code = error.verify_code
    if code in _WRONG_NAME:
        names = f"; it is for {', '.join(certificate.names)}" if certificate and certificate.names else ""
        return f"the certificate is not for {host}{names}{who}"
    if code == _EXPIRED:
        until = f" on {certificate.until}" if certificate else ""
        return f"the certificate, or its authority's, has expired{until}{who}"
    if code == _NOT_YET:
        since = f" before {certificate.since}" if certificate else ""
        return f"the certificate, or its authority's, is not valid yet{since}{who}"
    if code == _SELF_SIGNED:
        return f"the certificate is signed by itself and not trusted here{who}"
    if code in _UNKNOWN_ISSUER:
        return f"the certificate is signed by an authority that is not trusted here{who}"
    return f"the certificate is not trusted: {error.verify_message}{who}"


def shown_certificate(ip: str, port: int, *, start_tls: bool, seconds: float) -> Certificate | None:
    """The certificate a server shows, unverified and for a message only: nothing else is sent to that server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with socket.create_connection((ip, port), seconds) as raw:
            if start_tls:
                raw.sendall(_START_TLS)
                raw.recv(4096)
            with context.wrap_socket(raw) as wrapped:
                return read_certificate(wrapped.getpeercert(binary_form=True) or b"")
    except (OSError, NotLdapError, ValueError):
        return None
