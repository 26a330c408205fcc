"""A worker of a fleet: takes schools from the queue, one at a time, and what dead workers left behind."""

import asyncio
import logging
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from procrastinate import App, RetryStrategy
from procrastinate.exceptions import ConnectorException
from psycopg import Error

from connector.domain.errors import OperationError
from connector.fleet.one_school import Done
from connector.fleet.queue import QUEUE, TASK, Queue, explained

log = logging.getLogger(__name__)

Work = Callable[[str, str, str], Done]
"""Does a school, given its name, the round's name and the day to decide for ("" for today)."""

_AGAIN_SECONDS = 20
_ATTEMPTS = 50
"""A school that somebody else is writing to is tried again so often."""
_RECONNECT_SECONDS = 2.0


class Pace(NamedTuple):
    """How soon a silent worker counts as dead, in seconds; heartbeats and looks for the dead follow from it."""

    dead_after: float = 30.0

    @property
    def heartbeat(self) -> float:
        """How often a worker shows that it lives."""
        return self.dead_after / 5


class _BusyError(Exception):
    """The school is to be tried again later."""


def run_worker(queue: Queue, name: str, work: Work, told: Callable[[Done], None], pace: Pace = Pace()) -> None:  # noqa: B008 - frozen
    """Work until SIGTERM or SIGINT; a sync that is going on is finished first.

    A queue that is lost is looked for again and again. Raises OperationError when it cannot be reached at first.
    """
    asyncio.run(_run(queue, name, work, told, pace))


async def _run(queue: Queue, name: str, work: Work, told: Callable[[Done], None], pace: Pace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, stop.set)
    first = True
    while not stop.is_set():
        try:
            with explained():
                await _session(queue.app(), name, work, told, pace, stop)
        except OperationError as error:
            if first:
                raise
            log.warning("%s", error.message)
        first = False
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _RECONNECT_SECONDS)


async def _session(
    app: App, name: str, work: Work, told: Callable[[Done], None], pace: Pace, stop: asyncio.Event
) -> None:
    """Work on one connection to the queue, until it is lost or `stop` is set."""

    def sync_school(school: str, round_name: str, as_of: str) -> str:
        done = work(school, round_name, as_of)
        told(done)
        if done.again:
            raise _BusyError(school)
        return done.attempt.ending.value if done.attempt else "left to another"

    again = RetryStrategy(max_attempts=_ATTEMPTS, wait=_AGAIN_SECONDS, retry_exceptions=[_BusyError])
    app.task(name=TASK, queue=QUEUE, retry=again)(sync_school)
    async with app.open_async():
        worker = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                name=name,
                concurrency=1,
                install_signal_handlers=False,
                update_heartbeat_interval=pace.heartbeat,
                stalled_worker_timeout=pace.dead_after,
                fetch_job_polling_interval=1.0,
            )
        )
        helpers = [asyncio.create_task(_reap(app, pace)), asyncio.create_task(stop.wait())]
        await asyncio.wait([worker, *helpers], return_when=asyncio.FIRST_COMPLETED)
        for helper in helpers:
            helper.cancel()
        worker.cancel()  # which waits for the sync that is going on
        with suppress(asyncio.CancelledError):
            await worker
        for helper in helpers:
            with suppress(asyncio.CancelledError):
                await helper


async def _reap(app: App, pace: Pace) -> None:
    """Put what a dead worker was doing back into the queue, from time to time."""
    while True:
        await asyncio.sleep(pace.heartbeat)
        stalled = await app.job_manager.get_stalled_jobs(
            queue=QUEUE, task_name=TASK, seconds_since_heartbeat=pace.dead_after
        )
        for job in stalled:
            log.warning("the worker on %s is dead; the school is queued again", job.task_kwargs.get("school"))
            with suppress(ConnectorException, Error):  # another worker was first
                await app.job_manager.retry_job(job)
