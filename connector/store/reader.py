"""The accounts as one transaction sees them."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from itertools import chain

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select, union_all

from connector.domain.account import Account, Holder, UserType
from connector.domain.ports import Known
from connector.mapping.keys import case_key, fold_key
from connector.store import statements
from connector.store.codec import FIELDS, account_of, sighting_of
from connector.store.schema import accounts, baseline_codes, reservations, sightings, state
from connector.store.statements import fetch, fetch_by_key, stream

_ACCOUNT = tuple(accounts.c[name] for name in FIELDS)
_KNOWN = len(FIELDS)


class SqlReader:
    """What `AccountReader` promises, read through one connection's open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._given = connection

    @property
    def _connection(self) -> Connection:
        """The connection to ask through."""
        return self._given

    def known_digests(self, as_of: date) -> set[int]:
        """The digests that still hold; a write to an account has already emptied its own."""
        return set(chain.from_iterable(stream(self._connection, statements.DIGESTS, (as_of.isoformat(),))))

    def students_by_code(self, code_keys: Collection[str]) -> list[Known]:
        """The Student accounts with these SIS codes, live and archived."""
        rows = fetch_by_key(self._connection, statements.STUDENTS_BY_CODE, code_keys)
        return [Known(account_of(row), sighting_of(row[_KNOWN:])) for row in rows]

    def claimed_count(self, year_levels: Collection[str] | None = None) -> int:
        """How many live Student accounts a SIS row has claimed; of these stored year levels only, where given."""
        counted = fetch(self._connection, statements.CLAIMED_BY_YEAR)
        return sum(count for year, count in counted if year_levels is None or year in year_levels)

    def claimed_students(self) -> Iterator[Known]:
        """Every Student account that a SIS row has claimed, one at a time."""
        for row in stream(self._connection, statements.CLAIMED):
            yield Known(account_of(row), sighting_of(row[_KNOWN:]))

    def holders(self, name_keys: Collection[str]) -> dict[str, Holder]:
        """Who holds or has reserved each name; `username` is the one the account has now."""
        found: dict[str, Holder] = {}
        for statement, retired in ((statements.RESERVERS_BY_NAME, True), (statements.HOLDERS_BY_NAME, False)):
            for account_id, username, sis_code, kind, archived, key, *reserved in fetch_by_key(
                self._connection, statement, name_keys
            ):
                since = datetime.fromisoformat(reserved[-1]) if reserved else None
                found[key] = Holder(account_id, username, sis_code, UserType(kind), bool(archived), retired, since)
        return found

    def retired_names(self, account_id: int) -> list[str]:
        """The former usernames still reserved for the account, oldest first."""
        wanted = select(reservations.c.username).where(reservations.c.account_id == account_id)
        return list(self._connection.scalars(wanted.order_by(reservations.c.since, reservations.c.name_key)))

    def accounts(self, user_type: UserType | None = None) -> Iterator[Account]:
        """Every account but System, ordered by sis_code, then username."""
        kind = user_type.value if user_type else ""
        return map(account_of, stream(self._connection, statements.EVERYBODY, (kind, kind)))

    def system_accounts(self) -> list[Account]:
        """The System accounts, which nothing else lists."""
        wanted = select(*_ACCOUNT).where(accounts.c.user_type == UserType.SYSTEM.value)
        return [account_of(row) for row in self._connection.execute(wanted.order_by(accounts.c.username))]

    def accounts_with(self, ids: Sequence[int]) -> list[Account]:
        """The accounts with these ids, in any order."""
        return [account_of(row) for row in fetch_by_key(self._connection, statements.ACCOUNTS_BY_ID, ids)]

    def account(self, account_id: int) -> Account | None:
        """The account with that id, or None."""
        row = self._connection.execute(select(*_ACCOUNT).where(accounts.c.id == account_id)).first()
        return account_of(row) if row is not None else None

    def find(self, code_or_username: str) -> list[Account]:
        """The accounts with that SIS code, then that username, then that retired name; each once, never System."""
        key = case_key(code_or_username)
        by_code = accounts.c.code_key == fold_key(code_or_username)
        retired = select(reservations.c.account_id).where(_named(reservations, key))
        shown = select(*_ACCOUNT).where(accounts.c.user_type != UserType.SYSTEM.value)
        found: dict[int, Account] = {}
        for condition in (by_code, _named(accounts, key), accounts.c.id.in_(retired)):
            for row in self._connection.execute(shown.where(condition).order_by(accounts.c.id)):
                found.setdefault(row.id, account_of(row))
        return list(found.values())

    def is_empty(self) -> bool:
        """Whether the store holds no account and no reservation at all."""
        held = union_all(select(accounts.c.id), select(reservations.c.account_id)).limit(1)
        return self._connection.execute(held).first() is None

    def baseline_size(self) -> int:
        """How many Student accounts the last applied read showed as active and in scope."""
        counted = select(func.count()).select_from(sightings).where(sightings.c.baseline == 1)
        return self._connection.scalar(counted) or 0

    def student_emails(self) -> Iterator[tuple[str, str]]:
        """The e-mail (case_key) and SIS code of every live Student account that has both."""
        for email, sis_code in stream(self._connection, statements.EMAILS):
            yield case_key(email), sis_code

    def baseline_codes(self) -> set[str]:
        """Code keys the last applied read showed as active and in scope but that have no account."""
        return set(self._connection.scalars(select(baseline_codes.c.code_key)))

    def state(self, key: str) -> str | None:
        """A small fact the runs remember."""
        return self._connection.scalar(select(state.c.value).where(state.c.key == key))


def _named(table: Table, key: str) -> ColumnElement[bool]:
    """The rows with that case_key, which stands in its own column only where it differs from the name_key."""
    same = and_(table.c.name_key == key, table.c.case_key == "")
    return or_(same, and_(table.c.case_key == key, table.c.case_key != ""))
