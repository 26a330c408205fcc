"""A store's first accounts by the thousand: their indexes are made once, behind the rows.

That is half the work of keeping them in order with every row. It all happens in the transaction of the run, so
nobody ever sees a store without them. Only in SQLite: in PostgreSQL it would lock out who reads meanwhile.
"""

from collections.abc import Sequence

from sqlalchemy import Column, Connection, Index, func, select
from sqlalchemy.exc import IntegrityError

from connector.domain.errors import StoreError
from connector.store.dialect import is_postgresql
from connector.store.schema import accounts, outcomes

MANY = 500
"""A store whose first accounts are fewer keeps its indexes."""
_NAMED = 10
"""How many doubled keys one message lists."""


class FirstLoad:
    """The indexes that are still to be made in a run's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._put_off: Sequence[Index] = ()

    def begin(self) -> None:
        """Drop the indexes of the tables that grow, which are empty yet."""
        if is_postgresql(self._connection):
            return
        self._put_off = sorted(accounts.indexes | outcomes.indexes, key=lambda index: str(index.name))
        for index in self._put_off:
            index.drop(self._connection)

    def end(self) -> None:
        """Make the indexes that were put off. Raises StoreError where two accounts want one username or SIS code."""
        put_off, self._put_off = self._put_off, ()
        try:
            for index in put_off:
                index.create(self._connection)
        except IntegrityError:
            self._refuse_doubled("username", accounts.c.name_key)
            self._refuse_doubled("SIS code", accounts.c.code_key)
            raise

    def _refuse_doubled(self, what: str, key: Column[str]) -> None:
        wanted = select(key).where(key.is_not(None)).group_by(key).having(func.count() > 1).order_by(key)
        doubled = list(self._connection.scalars(wanted.limit(_NAMED)))
        if doubled:
            raise StoreError(f"two new accounts of one run want the {what} {', '.join(doubled)}; nothing was written")
