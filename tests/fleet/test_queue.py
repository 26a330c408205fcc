"""The queue of a fleet, in a real PostgreSQL database."""

import asyncio
from typing import Any

import psycopg
import pytest
from procrastinate.jobs import Status

from connector.fleet.queue import KEPT_HOURS, Queue, queue_at, request_round
from tests.servers.postgres import Postgres

pytestmark = pytest.mark.servers


@pytest.fixture
def queue(postgres: Postgres, tmp_path: Any) -> Queue:
    """A queue in a database of its own."""
    return queue_at(postgres.new_database(f"jobs_{tmp_path.name}"))


def told(queue: Queue, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the queue's database answers."""
    with psycopg.connect(queue.uri, options=queue.options) as connection:
        found = connection.execute(statement.encode(), values)
        return found.fetchall() if found.description else []


def test_what_ended_long_ago_is_forgotten(queue: Queue) -> None:
    """A round removes jobs that ended before the time that is kept, however they ended, and no others."""
    jobs = request_round(queue, ["old", "broken", "recent", "waiting"], "monday", "")
    for school, status in (("old", "succeeded"), ("broken", "failed"), ("recent", "succeeded")):
        told(queue, "UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", jobs[school])
        told(queue, f"UPDATE procrastinate_jobs SET status = '{status}' WHERE id = %s", jobs[school])  # noqa: S608
    for school, hours in (("old", KEPT_HOURS + 1), ("broken", KEPT_HOURS + 1), ("waiting", KEPT_HOURS + 1)):
        told(
            queue,
            "UPDATE procrastinate_events SET at = at - make_interval(hours => %s) WHERE job_id = %s",
            hours,
            jobs[school],
        )
    request_round(queue, ["fresh"], "tuesday", "")
    left = told(queue, "SELECT args->>'school' FROM procrastinate_jobs ORDER BY id")
    assert [school for (school,) in left] == ["recent", "waiting", "fresh"]


def test_a_school_waits_once(queue: Queue) -> None:
    """A school that waits already keeps its place; another request for it is none."""
    assert set(request_round(queue, ["lakeside", "riverside"], "monday", "")) == {"lakeside", "riverside"}
    assert set(request_round(queue, ["lakeside", "hillside"], "tuesday", "")) == {"hillside"}


@pytest.mark.parametrize("end", ["finish", "retry"])
@pytest.mark.parametrize("now", ["waiting", "ended"])
def test_a_job_that_another_worker_was_given_is_left_to_it(queue: Queue, end: str, now: str) -> None:
    """A worker that wakes after it was taken for dead neither fails nor takes the job out of the other's hands."""
    request_round(queue, ["lakeside"], "monday", "")

    async def story() -> None:
        app = queue.app()
        async with app.open_async():
            asleep, awake = [await app.job_manager.register_worker() for _ in range(2)]
            job = await app.job_manager.fetch_job(queues=None, worker_id=asleep)
            assert job is not None
            await app.job_manager.retry_job(job)  # the reaper's
            if now == "ended":
                again = await app.job_manager.fetch_job(queues=None, worker_id=awake)
                assert again is not None
                assert again.id == job.id
                await app.job_manager.finish_job(again, Status.SUCCEEDED, delete_job=False)
            if end == "retry":
                await app.job_manager.retry_job(job)
            elif now == "ended":
                await app.job_manager.finish_job(job, Status.SUCCEEDED, delete_job=False)

    asyncio.run(story())
    [(status,)] = told(queue, "SELECT status::text FROM procrastinate_jobs")
    assert status == ("succeeded" if now == "ended" else "todo")
