"""What a certificate says of itself (RFC 5280, 4.1), for messages; nothing here decides whether it is trusted."""

from typing import NamedTuple

from connector.directory.ldap_ber import Element, NotLdapError, elements

_VERSION, _EXTENSIONS = 0xA0, 0xA3
_DNS, _IP = 0x82, 0x87
_BMP_STRING = 0x1E
_ALTERNATIVE_NAMES = bytes.fromhex("551d11")
_TYPES = {
    bytes.fromhex("550403"): "CN",
    bytes.fromhex("55040b"): "OU",
    bytes.fromhex("55040a"): "O",
    bytes.fromhex("550407"): "L",
    bytes.fromhex("550408"): "ST",
    bytes.fromhex("550406"): "C",
    bytes.fromhex("0992268993f22c640119"): "DC",
}


class Certificate(NamedTuple):
    """Subject and issuer as DNs, the dates between which it is valid, and the names it is for."""

    subject: str
    issuer: str
    since: str
    until: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        """The two names that tell certificates apart."""
        return f"subject {self.subject or 'empty'}, issuer {self.issuer or 'empty'}"


def read_certificate(der: bytes) -> Certificate:
    """A certificate in DER. Raises NotLdapError or ValueError for what is none."""
    [whole] = elements(der, 0, len(der))
    signed, *_ = elements(der, whole.start, whole.end)
    parts = [one for one in elements(der, signed.start, signed.end) if one.tag != _VERSION]
    if len(parts) < 5:
        raise NotLdapError("it is no certificate")
    _serial, _algorithm, issuer, validity, subject, *others = parts
    since, until = (_day(der, one) for one in elements(der, validity.start, validity.end))
    extensions = next((one for one in others if one.tag == _EXTENSIONS), None)
    names = _alternative_names(der, extensions) if extensions else ()
    return Certificate(_name(der, subject), _name(der, issuer), since, until, names)


def _name(der: bytes, name: Element) -> str:
    """A name, the most special part first, as DNs are written."""
    parts = []
    for group in elements(der, name.start, name.end):
        for pair in elements(der, group.start, group.end):
            kind, value = elements(der, pair.start, pair.end)
            word = _TYPES.get(der[kind.start : kind.end])
            if word:
                encoding = "utf-16-be" if value.tag == _BMP_STRING else "utf-8"
                parts.append(f"{word}={der[value.start : value.end].decode(encoding, 'replace')}")
    return ",".join(reversed(parts))


def _day(der: bytes, time: Element) -> str:
    """The day of a UTCTime or GeneralizedTime (RFC 5280, 4.1.2.5)."""
    digits = der[time.start : time.end].decode("ascii", "replace").rstrip("Z")
    if len(digits) == 12:
        digits = ("19" if digits >= "50" else "20") + digits
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"


def _alternative_names(der: bytes, extensions: Element) -> tuple[str, ...]:
    """The host names and addresses the certificate is for (RFC 5280, 4.2.1.6)."""
    [listed] = elements(der, extensions.start, extensions.end)
    for extension in elements(der, listed.start, listed.end):
        kind, *_, value = elements(der, extension.start, extension.end)
        if der[kind.start : kind.end] == _ALTERNATIVE_NAMES:
            [names] = elements(der, value.start, value.end)
            return tuple(filter(None, (_host(der, one) for one in elements(der, names.start, names.end))))
    return ()


def _host(der: bytes, name: Element) -> str:
    raw = der[name.start : name.end]
    if name.tag == _DNS:
        return raw.decode("ascii", "replace")
    if name.tag == _IP and len(raw) == 4:
        return ".".join(map(str, raw))
    return ":".join(raw[at : at + 2].hex() for at in range(0, 16, 2)) if name.tag == _IP else ""
