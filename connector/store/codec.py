"""Accounts as rows and as images: what is the same for many is encoded once."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import lru_cache
from json import JSONEncoder, loads
from json.encoder import encode_basestring as quoted
from typing import Any, NamedTuple

from connector.domain.account import Account, Grant, Sighting, UserType
from connector.domain.ports import Credential
from connector.mapping.keys import case_key, fold_key

FIELDS = Account._fields
"""The columns of an account in the order of the noun, id and version last."""


class Keys(NamedTuple):
    """The columns an account is found by; `case_key` is "" where it is the same as `name_key`."""

    name_key: str
    case_key: str
    code_key: str | None


KEYS = Keys._fields
FACTS = tuple(name for name in FIELDS if name not in ("id", "user_type"))
"""What an update sets: all but what an account is found by."""

CREDENTIAL = ("verifier", "must_change", "expires")

# From `roles` to `claimed` accounts are much alike: a school has few different values of this part.
_COMMON = slice(FIELDS.index("roles"), FIELDS.index("claimed") + 1)
# What a client calls an account is its own, and would fill the memory of what is alike.
_EXTERNAL_IDS = FIELDS.index("external_ids")
_AT = _EXTERNAL_IDS - FIELDS.index("roles")
_TYPES = {str(kind): kind for kind in UserType}
_USUAL = tuple(Account(""))[_COMMON]

encode: Callable[[Any], str] = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Row = tuple[Any, ...]


@lru_cache(maxsize=4096)
def listed(values: tuple[Any, ...]) -> str:
    """A tuple as JSON; "" for an empty one."""
    return encode(values) if values else ""


def moment_text(moment: datetime | None) -> str:
    """A moment as ISO 8601 text; "" for None."""
    return moment.isoformat() if moment else ""


def moment_of(text: str) -> datetime | None:
    """What moment_text wrote."""
    return datetime.fromisoformat(text) if text else None


NEW = (
    "username",
    "sis_code",
    "family_name",
    "given_names",
    "email",
    "roles",
    "override_network_authentication",
    "year_level",
    "campus",
    "grants",
    "email_by",
    "claimed",
    "stable_id",
    "id",
    "name_key",
    "code_key",
    "verifier",
    "must_change",
)
"""The columns of a new account that is `plain`; a sync makes hardly any other."""


def plain(account: Account) -> Row | None:
    """The columns of NEW from `roles` to `claimed`; None where the account is more than a new student's."""
    if account.last_sign_in or account.external_ids:
        return None
    return _plain_columns(account.user_type, account[_COMMON])


@lru_cache(maxsize=4096)
def _plain_columns(user_type: UserType, part: tuple[Any, ...]) -> Row | None:
    account = Account("", "", user_type, "", "", "")._replace(**dict(zip(FIELDS[_COMMON], part, strict=True)))
    told = {name: _column(getattr(account, name)) for name in NEW[NEW.index("roles") : NEW.index("claimed") + 1]}
    rest = account._replace(**{name: getattr(_BLANK, name) for name in told})
    return tuple(told.values()) if rest == _BLANK else None


_BLANK = Account("")


def account_keys(account: Account) -> Keys:
    """The columns KEYS of an account."""
    username, sis_code = account[:2]
    code_key = (sis_code.lower() if sis_code.isascii() else fold_key(sis_code)) or None
    if username.isascii():
        return tuple.__new__(Keys, (username.lower(), "", code_key))
    folded, cased = fold_key(username), case_key(username)
    return tuple.__new__(Keys, (folded, "" if cased == folded else cased, code_key))


def stored(account: Account, account_id: int, version: int) -> tuple[Row, str]:
    """An account under the id and version it has in the store: the columns FIELDS, and its image.

    The image is a JSON object; what is as usual is left out.
    """
    username, sis_code, user_type, family_name, given_names, email = account[:6]
    part: Any = account[_COMMON]
    columns, rest = _common_columns(_with(part, ()) if account.external_ids else part)
    if account.external_ids:
        known_as = encode(account.external_ids)
        columns, rest = _with(columns, known_as), f'{rest},"external_ids":{known_as}'
    kind = str(user_type)
    stable_id, last_sign_in = account.stable_id, account.last_sign_in
    if stable_id or last_sign_in:
        rest += _rare(account)
    row = (
        username,
        sis_code,
        kind,
        family_name,
        given_names,
        email,
        *columns,
        stable_id,
        last_sign_in.isoformat() if last_sign_in else "",
        account_id,
        version,
    )
    image = (
        f'{{"username":{quoted(username)},"sis_code":{quoted(sis_code)},"user_type":"{kind}"'
        f',"family_name":{quoted(family_name)},"given_names":{quoted(given_names)},"email":{quoted(email)}'
        f'{rest},"id":{account_id},"version":{version}}}'
    )
    return row, image


def credential_row(credential: Credential) -> Row:
    """The columns CREDENTIAL."""
    return (credential.verifier, int(credential.must_change), moment_text(credential.expires))


def account_of(row: Sequence[Any]) -> Account:
    """The account of a row that begins with the columns FIELDS."""
    known_as = row[_EXTERNAL_IDS]
    values = _common_values(_with(tuple(row[_COMMON]), "") if known_as else tuple(row[_COMMON]))
    return Account._make(
        (
            *row[:2],
            _TYPES[row[2]],
            *row[3:6],
            *(_with(values, _pairs(loads(known_as))) if known_as else values),
            row[20],
            moment_of(row[21]),
            row[22],
            row[23],
        )
    )


def account_in(text: str) -> Account | None:
    """The account of an image; None for ""."""
    if not text:
        return None
    return Account(**{name: _READ.get(name, _same)(value) for name, value in loads(text).items()})


def sighting_row(account_id: int, version: int, sighting: Sighting, *, live: bool = True) -> Row:
    """The columns of a sighting, as of a version of its account; only a live one has a digest."""
    digest, _, until, missing_reads, baseline = sighting
    day = until.isoformat() if until else ""
    return (account_id, digest if live else None, version, day, missing_reads, int(baseline))


def sighting_of(row: Sequence[Any]) -> Sighting:
    """The sighting of the columns digest, version, until, missing_reads, baseline; nulls where there is none."""
    digest, version, until, missing_reads, baseline = row
    if version is None:
        return Sighting()
    return Sighting(digest, version, date.fromisoformat(until) if until else None, missing_reads, bool(baseline))


def _with(part: tuple[Any, ...], external_ids: Any) -> tuple[Any, ...]:
    """The part that is alike for many, with these ids of clients in it."""
    return (*part[:_AT], external_ids, *part[_AT + 1 :])


def _rare(account: Account) -> str:
    stable_id = f',"stable_id":{quoted(account.stable_id)}' if account.stable_id else ""
    moment = f',"last_sign_in":"{account.last_sign_in.isoformat()}"' if account.last_sign_in else ""
    return stable_id + moment


@lru_cache(maxsize=4096)
def _common_columns(part: tuple[Any, ...]) -> tuple[Row, str]:
    columns = tuple(_column(value) for value in part)
    named = zip(FIELDS[_COMMON], part, _USUAL, strict=True)
    return columns, "".join(f',"{name}":{encode(value)}' for name, value, usual in named if value != usual)


def _column(value: Any) -> Any:
    if isinstance(value, tuple):
        return listed(value)
    return int(value) if isinstance(value, bool) else value


@lru_cache(maxsize=4096)
def _common_values(part: tuple[Any, ...]) -> tuple[Any, ...]:
    values = zip(FIELDS[_COMMON], part, strict=True)
    return tuple(
        _READ.get(name, _same)((loads(value) if value else ()) if name in _LISTS else value) for name, value in values
    )


def _grants(value: Any) -> tuple[Grant, ...]:
    return tuple(Grant(*grant) for grant in value)


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((client, known_as) for client, known_as in value)


def _same(value: Any) -> Any:
    return value


_LISTS = frozenset({"roles", "external_ids", "grants", "denies"})
_READ: dict[str, Callable[[Any], Any]] = {
    "user_type": UserType,
    "roles": tuple,
    "approved": bool,
    "locked_out": bool,
    "override_network_authentication": bool,
    "archived": bool,
    "external_ids": _pairs,
    "grants": _grants,
    "denies": _grants,
    "claimed": bool,
    "last_sign_in": moment_of,
}
