"""The queue of a fleet, in a real PostgreSQL database."""

from typing import Any

import psycopg
import pytest

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
