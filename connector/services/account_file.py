"""A file of accounts, as `trackone accounts export` writes it or as TrackOne's own users table is exported."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from io import StringIO
from typing import Any, NamedTuple
from unicodedata import category

from connector.domain.account import EXPORT_KEYS, PERSON, Account, Grant, UserType, effective_roles
from connector.domain.errors import ConfigError
from connector.mapping.keys import fold_key
from connector.report.harmless import uncell

_ALSO_CALLED = {
    **dict.fromkeys(("surname", "lastname"), "family_name"),
    **dict.fromkeys(("firstname", "forename", "givenname"), "given_names"),
}
_ALIKE = 0.85
_KNOWN = {key.replace("_", ""): key for key in EXPORT_KEYS}
_TRUE, _FALSE = {"true", "yes", "y", "1"}, {"false", "no", "n", "0"}


class ImportRow(NamedTuple):
    """One account of a file, and which columns the file gives for it; the others have their usual value.

    A user type left blank is not given: what is new is then a Student.
    """

    account: Account
    given: frozenset[str]


def read_accounts(text: str, name: str) -> list[ImportRow]:
    """The accounts in a CSV or JSON text; only a username is needed, what is left out has its usual value.

    Raises ConfigError naming the file, the line (or the place in the JSON) and what was expected; two rows
    with one username or one SIS code are refused as well.
    """
    rows = _json_rows(text, name) if text.lstrip()[:1] in ("[", "{") else _csv_rows(text, name)
    accounts = [ImportRow(_account(row, place), _given(row)) for place, row in rows]
    _unique([one.account for one in accounts], name)
    return accounts


def _given(row: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(row) - (frozenset() if row.get("user_type") else {"user_type"})


def _csv_rows(text: str, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, None)
        if header is None:
            raise ConfigError(f"{name}: the file is empty; expected a header with {', '.join(EXPORT_KEYS[:4])} ...")
        keys = [_key(cell, f"{name}:1") for cell in header]
        _refuse_doubled(keys, header, f"{name}:1")
        for cells in reader:
            place = f"{name}:{reader.line_num}"
            if len(cells) != len(keys):
                raise ConfigError(f"{place}: {len(cells)} cells where the header has {len(keys)}")
            yield place, dict(zip(keys, map(uncell, cells), strict=True))
    except csv.Error as error:
        raise ConfigError(f"{name}:{reader.line_num}: not readable as CSV ({error})") from None


def _json_rows(text: str, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name}: not readable as JSON ({error})") from None
    if not isinstance(body, list) or not all(isinstance(row, dict) for row in body):
        raise ConfigError(f"{name}: expected a JSON array of accounts, as `trackone accounts export` writes it")
    for number, row in enumerate(body, 1):
        place = f"{name}: account {number}"
        keys = [_key(key, place) for key in row]
        _refuse_doubled(keys, list(row), place)
        yield place, dict(zip(keys, row.values(), strict=True))


def _refuse_doubled(keys: Sequence[str], words: Sequence[str], place: str) -> None:
    for key in keys:
        if keys.count(key) > 1:
            spelt = " and ".join(repr(word) for word, other in zip(words, keys, strict=True) if other == key)
            raise ConfigError(f"{place}: two columns for {key}: {spelt}; keep one of them")


def _key(word: str, place: str) -> str:
    plain = word.casefold().replace("_", "").replace(" ", "").replace("-", "")
    if plain not in _KNOWN:
        near = get_close_matches(plain, _KNOWN, 1, _ALIKE)
        meant = _ALSO_CALLED.get(plain) or (_KNOWN[near[0]] if near else "")
        known = f"known are {', '.join(EXPORT_KEYS)}"
        hint = f"did you mean {meant}? {known[0].upper()}{known[1:]}" if meant else known
        raise ConfigError(f"{place}: unknown column {word!r}; {hint}")
    return _KNOWN[plain]


def _account(row: Mapping[str, Any], place: str) -> Account:
    username = _text(row, "username", place)
    if not username:
        raise ConfigError(f"{place}: the username is empty; every account needs one")
    if any(category(sign) == "Cf" for sign in username):
        raise ConfigError(f"{place}: the username holds an invisible sign; nobody could type it")
    roles = _roles(row.get("roles") or (), place)
    email = _text(row, "email", place)
    archived, approved = _flag(row, "archived", place), _flag(row, "approved", place, default=True)
    grants = tuple(Grant(role, PERSON) for role in roles)
    return Account(
        username=username,
        sis_code=_text(row, "sis_code", place),
        user_type=_user_type(_text(row, "user_type", place), place),
        family_name=_text(row, "family_name", place),
        given_names=_text(row, "given_names", place),
        email=email,
        roles=effective_roles(grants),
        approved=approved,
        locked_out=_flag(row, "locked_out", place),
        override_network_authentication=_flag(row, "override_network_authentication", place),
        archived=archived,
        year_level=_text(row, "year_level", place),
        campus=_text(row, "campus", place),
        external_ids=_external_ids(row.get("external_ids") or {}, place),
        grants=grants,
        archived_by=PERSON if archived else "",
        disabled_by="" if approved else PERSON,
        email_by=PERSON if email else "",
    )


def _text(row: Mapping[str, Any], key: str, place: str) -> str:
    value = row.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ConfigError(f"{place}: {key} is {value!r}; expected text")
    if any(category(sign) in ("Cc", "Cs") for sign in value):
        raise ConfigError(f"{place}: {key} holds a control character")
    return value.strip()


def _flag(row: Mapping[str, Any], key: str, place: str, *, default: bool = False) -> bool:
    value = row.get(key)
    if value is None or value == "":
        return default
    if isinstance(value, bool):
        return value
    word = str(value).strip().casefold()
    if word not in _TRUE | _FALSE:
        raise ConfigError(f"{place}: {key} is {value!r}; expected true or false")
    return word in _TRUE


def _roles(value: Any, place: str) -> list[str]:
    names = value.split(";") if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(one, str) for one in names):
        raise ConfigError(f"{place}: roles are {value!r}; expected names joined by ;")
    return [one.strip() for one in names if one.strip()]


def _user_type(word: str, place: str) -> UserType:
    kinds = {kind.value.casefold(): kind for kind in UserType}
    if not word:
        return UserType.STUDENT
    if word.casefold() not in kinds:
        raise ConfigError(f"{place}: user_type is {word!r}; expected {', '.join(kind.value for kind in UserType)}")
    return kinds[word.casefold()]


def _external_ids(value: Any, place: str) -> tuple[tuple[str, str], ...]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise ConfigError(f"{place}: external_ids is {value!r}; expected a JSON object") from None
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise ConfigError(f"{place}: external_ids is {value!r}; expected an object of texts")
    return tuple(sorted(value.items()))


def _unique(accounts: list[Account], name: str) -> None:
    names: dict[str, str] = {}
    codes: dict[tuple[str, str], str] = {}
    for one in accounts:
        first = names.setdefault(fold_key(one.username), one.username)
        if first is not one.username:
            raise ConfigError(f"{name}: the usernames {first} and {one.username} are too alike to be two accounts")
        if not one.sis_code:
            continue
        holder = codes.setdefault((one.user_type, fold_key(one.sis_code)), one.username)
        if holder is not one.username:
            raise ConfigError(f"{name}: the SIS code {one.sis_code} is that of {holder} and of {one.username}")
