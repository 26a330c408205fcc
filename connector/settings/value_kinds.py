"""The kinds of value that keys hold, as people write them, and how each becomes a plain value."""

import codecs
import re
from datetime import date, timedelta
from typing import Annotated

from pydantic import BeforeValidator, model_validator

from connector.domain.ruleset import SecretRef
from connector.mapping.dn import parse_dn
from connector.settings.faults import shown, wrong
from connector.settings.tables import InlineTable, option

LONGEST_PATH = 1000
_SPAN = re.compile(r"(\d{1,6})\s*([smhdw])")
_UNIT = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,3})?)\s*%")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def read_span(value: object) -> timedelta:
    """A span of time such as "24h"."""
    match = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise wrong(f'expected a span of time in quotes such as "30s", "24h" or "14d", not {shown(value)}')
    return timedelta(**{_UNIT[match[2]]: int(match[1])})


def read_optional_span(value: object) -> timedelta | None:
    """A span of time, or None for empty text."""
    return None if value == "" else read_span(value)


def read_percent(value: object) -> float:
    """A percentage such as "10%", as a number from 0 to 100."""
    match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
    if match is None or float(match[1]) > 100:
        raise wrong(f'expected a percentage in quotes from "0%" to "100%", not {shown(value)}')
    return float(match[1])


def read_words(value: object) -> tuple[str, ...]:
    """A text or a list of texts, none of them empty."""
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) and word.strip() for word in words):
        raise wrong(f"expected text in quotes or a list of texts, none empty, not {shown(value)}")
    return tuple(word.strip() for word in words)


def read_list(value: object) -> tuple[str, ...]:
    """A list of texts, none of them empty."""
    if isinstance(value, str):
        raise wrong(f"expected a list in square brackets: [{shown(value)}]")
    return read_words(value)


def read_path(value: object) -> str:
    """The name of a file or folder."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > LONGEST_PATH:
        raise wrong(f"expected the name of a file or folder in quotes, not {shown(value)}")
    return value


def read_optional_path(value: object) -> str:
    """The name of a file or folder, or empty text."""
    return "" if value == "" else read_path(value)


def read_day(value: object) -> str:
    """A date as YYYY-MM-DD text, or empty text."""
    if value == "" or type(value) is date:
        return str(value)
    try:
        return date.fromisoformat(value).isoformat() if isinstance(value, str) else _no_day(value)
    except ValueError:
        return _no_day(value)


def _no_day(value: object) -> str:
    raise wrong(f'expected a date as "YYYY-MM-DD", not {shown(value)}')


def read_days(value: object) -> tuple[str, ...]:
    """A list of dates."""
    if not isinstance(value, list | tuple):
        raise wrong(f'expected a list of dates such as ["1900-01-01"], not {shown(value)}')
    return tuple(read_day(day) for day in value)


def read_headers(value: object) -> tuple[str, ...]:
    """One or several column headers; empty text says that the file has none."""
    return () if value == "" else read_words(value)


def read_status_words(value: object) -> tuple[str, ...]:
    """Words of a status column, in lower case; empty text stands for a blank cell."""
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise wrong(f'expected a list of words in quotes such as ["A", "Active"], not {shown(value)}')
    return tuple(word.strip().lower() for word in words)


def read_date_formats(value: object) -> tuple[str, ...]:
    """Patterns of dates; each says where day, month and year stand, as `%d/%m/%Y` or `dd/mm/yyyy`."""
    formats = read_words(value)
    for pattern in formats:
        parts = ("%d", "%[mbB]", "%[yY]") if "%" in pattern else ("d", "m", "y")
        if not all(re.search(part, pattern) for part in parts):
            raise wrong(f'{shown(pattern)} is no date pattern; expected "dd/mm/yyyy" or "%d/%m/%Y"')
    return formats


def read_encoding(value: object) -> str:
    """The name of a text encoding, or empty text."""
    if value == "":
        return ""
    try:
        if isinstance(value, str):
            "a".encode(value)
            return codecs.lookup(value).name
    except LookupError:
        pass
    raise wrong(f'{shown(value)} is not a known text encoding; most exports are "cp1252"')


def read_dn(value: object) -> str:
    """A distinguished name (RFC 4514), or empty text."""
    if not isinstance(value, str):
        raise wrong(f"expected a DN in quotes, not {shown(value)}")
    if value and (why := dn_fault(value)):
        raise wrong(f'not a DN: {why}; expected the form "OU=Students,DC=school,DC=example"')
    return value


def read_dns(value: object) -> tuple[str, ...]:
    """A list of distinguished names."""
    return tuple(read_dn(dn) for dn in read_list(value))


def read_exclusions(value: object) -> tuple[str, ...]:
    """A list of distinguished names and LDAP filters."""
    return tuple(read_filter(rule) if rule.startswith("(") else read_dn(rule) for rule in read_list(value))


def dn_fault(text: str) -> str:
    """Why the text is not a DN (RFC 4514), empty where it is one."""
    try:
        return "" if parse_dn(text) else "it is empty"
    except ValueError as error:
        return str(error)


def read_filter(value: object) -> str:
    """An LDAP filter in its parentheses (RFC 4515), or empty text."""
    if not isinstance(value, str):
        raise wrong(f"expected a filter in quotes, not {shown(value)}")
    depth, low = 0, 1
    for sign in value[:-1]:
        depth += (sign == "(") - (sign == ")")
        low = min(low, depth)
    if value and (depth != 1 or low < 1 or not value.endswith(")")):
        raise wrong(f'{shown(value)} is not an LDAP filter; expected the form "(objectClass=user)"')
    return value


def read_year_pattern(value: object) -> str:
    """A DN or its first part with {year}, {cohort} or {intake}."""
    pattern = read_dn(value)
    for name in _PLACEHOLDER.findall(pattern):
        if name not in ("year", "cohort", "intake"):
            raise wrong(f"{{{name}}} is unknown here; known are {{year}}, {{cohort}} and {{intake}}")
    return pattern


class SecretTable(InlineTable):
    """Where a secret is found."""

    env: str = option("The environment variable that holds the secret.", '"TRACKONE_LDAP_PASSWORD"', default="")
    file: Annotated[str, BeforeValidator(read_optional_path)] = option(
        "The file whose first line is the secret.", '"ldap-password.txt"', default=""
    )

    @model_validator(mode="before")
    @classmethod
    def _no_plain_text(cls, value: object) -> object:
        if not isinstance(value, dict):
            raise wrong('secrets are not kept in this file; write { env = "NAME" } or { file = "PATH" } instead')
        return value

    @model_validator(mode="after")
    def _one_place(self) -> "SecretTable":
        if bool(self.env) == bool(self.file):
            raise wrong('expected exactly one of { env = "NAME" } and { file = "PATH" }')
        return self

    @property
    def reference(self) -> SecretRef:
        """The place as a plain value."""
        return SecretRef(env=self.env, file=self.file)


Span = Annotated[timedelta, BeforeValidator(read_span)]
OptionalSpan = Annotated[timedelta | None, BeforeValidator(read_optional_span)]
Percent = Annotated[float, BeforeValidator(read_percent)]
Words = Annotated[tuple[str, ...], BeforeValidator(read_words)]
Headers = Annotated[tuple[str, ...], BeforeValidator(read_headers)]
StatusWords = Annotated[tuple[str, ...], BeforeValidator(read_status_words)]
WordList = Annotated[tuple[str, ...], BeforeValidator(read_list)]
PathText = Annotated[str, BeforeValidator(read_path)]
OptionalPath = Annotated[str, BeforeValidator(read_optional_path)]
Day = Annotated[str, BeforeValidator(read_day)]
Days = Annotated[tuple[str, ...], BeforeValidator(read_days)]
DateFormats = Annotated[tuple[str, ...], BeforeValidator(read_date_formats)]
Encoding = Annotated[str, BeforeValidator(read_encoding)]
Dn = Annotated[str, BeforeValidator(read_dn)]
Dns = Annotated[tuple[str, ...], BeforeValidator(read_dns)]
Exclusions = Annotated[tuple[str, ...], BeforeValidator(read_exclusions)]
Filter = Annotated[str, BeforeValidator(read_filter)]
YearPattern = Annotated[str, BeforeValidator(read_year_pattern)]
