"""The queue of a fleet: which schools are to be done in which round, in a PostgreSQL database (procrastinate).

A job is a school in a round. Its lock keeps the school serial over all workers, its queueing lock refuses a second
request while one is waiting; that a round is done once is held by the school's own store (connector.domain.turn).
"""

import asyncio
import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any, NamedTuple

from connector.domain.errors import ConfigError, OperationError

try:
    import psycopg
    from procrastinate import App, PsycopgConnector
    from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
    from procrastinate.jobs import Job, Status
    from procrastinate.manager import JobManager
except ModuleNotFoundError as error:
    raise ConfigError(
        f"the queue of a fleet needs {error.name}, which is not installed",
        hint='Install it: pip install "trackone-connector[fleet]"',
    ) from None

QUEUE = "fleet"
TASK = "sync_school"
ENDED = frozenset((Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.ABORTED))
KEPT_HOURS = 14 * 24
"""How long the queue remembers what has ended; the record of each school's syncs is its own store's."""

_PREFIX = "postgresql+psycopg://"
_MAKING = 7_402_113_361
"""The advisory lock under which the queue's tables are made."""

log = logging.getLogger(__name__)


class Queue(NamedTuple):
    """Where the queue is: a libpq URI, and the schema that holds its tables."""

    uri: str
    schema: str

    @property
    def options(self) -> str:
        """The connection's options, so that the tables are found."""
        return f"-c search_path={self.schema}"

    def app(self) -> App:
        """The application on the queue, not yet open."""
        words = {"options": self.options, "application_name": "trackone fleet"}
        app = App(connector=PsycopgConnector(conninfo=self.uri, min_size=1, max_size=4, kwargs=words))
        app.job_manager = _Jobs(app.connector)
        return app


class _Jobs(JobManager):
    """The jobs of a queue, of which a worker that was taken for dead may hold one that is another's by now."""

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        with _unless_another_has_it(job):
            await super().finish_job(job, status, delete_job)

    async def retry_job(self, job: Job, *places: Any, **named: Any) -> None:
        with _unless_another_has_it(job):
            await super().retry_job(job, *places, **named)


@contextmanager
def _unless_another_has_it(job: Job) -> Iterator[None]:
    """Leave a job as it is that the queue no longer has as one of ours; whoever has it ends it."""
    try:
        yield
    except ConnectorException as error:
        if not isinstance(error.__cause__, psycopg.errors.RaiseException):
            raise
        log.info("%s is another worker's by now", job.task_kwargs.get("school"))


def queue_at(url: str) -> Queue:
    """The queue in the database at a URL, its tables made where they are missing.

    The tables are named after procrastinate's version: another version has a queue of its own, since what waits in
    one is worth nothing next week. Raises ConfigError for a URL of another kind, OperationError.
    """
    if not url.startswith(_PREFIX):
        raise ConfigError("--queue: not a PostgreSQL database", hint=f"Write it as {_PREFIX}USER@HOST/DATABASE")
    major, minor, *_ = version("procrastinate").split(".")
    queue = Queue(f"postgresql://{url.removeprefix(_PREFIX)}", f"trackone_fleet_{major}_{minor}")
    with explained():
        _make(queue)
    return queue


def _make(queue: Queue) -> None:
    with psycopg.connect(queue.uri, options=queue.options) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING,))
        if connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone() == (None,):
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {queue.schema}".encode())
            connection.execute(App(connector=PsycopgConnector()).schema_manager.get_schema())


def request_round(queue: Queue, schools: Collection[str], round_name: str, as_of: str) -> dict[str, int]:
    """Ask for a round of these schools; returns the number of each job. A school already waiting keeps its place.

    What ended long ago is forgotten. Raises OperationError.
    """
    return asyncio.run(_request(queue, schools, round_name, as_of))


async def _request(queue: Queue, schools: Collection[str], round_name: str, as_of: str) -> dict[str, int]:
    app, jobs = queue.app(), dict[str, int]()
    with explained():
        async with app.open_async():
            for school in schools:
                lock = f"school:{school}"
                task = app.configure_task(TASK, queue=QUEUE, lock=lock, queueing_lock=lock)
                try:
                    jobs[school] = await task.defer_async(school=school, round_name=round_name, as_of=as_of)
                except AlreadyEnqueued:
                    log.info("%s is waiting already", school)
            await app.job_manager.delete_old_jobs(
                KEPT_HOURS, queue=QUEUE, include_failed=True, include_cancelled=True, include_aborted=True
            )
    return jobs


def wait_for(queue: Queue, jobs: Sequence[int], seconds: float, every: float = 0.5) -> bool:
    """Wait until all jobs have ended; False when some have not after so many seconds. Raises OperationError."""
    return asyncio.run(_wait(queue, jobs, seconds, every))


async def _wait(queue: Queue, jobs: Sequence[int], seconds: float, every: float) -> bool:
    app, open_jobs = queue.app(), set(jobs)
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    with explained():
        async with app.open_async():
            while open_jobs:
                open_jobs -= {job for job in open_jobs if await app.job_manager.get_job_status_async(job) in ENDED}
                if open_jobs and loop.time() > end:
                    return False
                await asyncio.sleep(every if open_jobs else 0)
    return True


@contextmanager
def explained() -> Iterator[None]:
    """Turn failures of the queue's database into one OperationError."""
    try:
        yield
    except (psycopg.Error, ConnectorException) as error:
        cause = error.__cause__ or error
        first = str(cause).strip().partition("\n")[0]
        raise OperationError(
            f"the queue's database cannot be used: {first}",
            hint="Check --queue, the password (PGPASSWORD or ~/.pgpass) and that the server runs.",
        ) from None
