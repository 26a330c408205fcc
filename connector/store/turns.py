"""The turns of a school in the rounds of a fleet, in the state of its store."""

from sqlalchemy import Connection, Engine, delete, insert, select

from connector.domain.turn import NUMBER, ROUND, Turn
from connector.store.faults import Place, explained
from connector.store.schema import state
from connector.store.sqlite import IMMEDIATE


class SqlTurns:
    """What `Turns` promises, on a SQL database."""

    def __init__(self, engine: Engine, path: Place) -> None:
        self._engine = engine
        self._path = path

    def take(self, name: str) -> Turn | None:
        """The next turn, under the write lock: a run that is being written is waited for, so that its end counts."""
        engine = self._engine.execution_options(**IMMEDIATE)
        with explained(self._path), engine.begin() as connection:
            if _fact(connection, ROUND) == name:
                return None
            number = int(_fact(connection, NUMBER) or 0) + 1
            connection.execute(delete(state).where(state.c.key == NUMBER))
            connection.execute(insert(state).values(key=NUMBER, value=str(number)))
            return Turn(name, number)


def _fact(connection: Connection, key: str) -> str | None:
    return connection.scalar(select(state.c.value).where(state.c.key == key))
