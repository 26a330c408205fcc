"""When the next run is due, on clocks of the tests' own."""

from datetime import UTC, datetime, timedelta

import pytest

from connector.domain.operation import Ending
from connector.services.repeat import Rhythm, next_due, repeat

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def minutes(number):
    """So many minutes after the start."""
    return START + timedelta(minutes=number)


@pytest.mark.parametrize(
    ("now", "failures", "due"),
    [
        (1, 0, 60),
        (60, 0, 120),
        (59, 0, 60),
        (200, 0, 240),
        (1, 1, 6),
        (1, 2, 11),
        (1, 3, 21),
        (1, 4, 41),
        (1, 5, 60),
        (1, 1000, 60),
        (58, 1, 60),
    ],
)
def test_the_next_run_is_due_on_the_hour_or_sooner_after_a_failure(now, failures, due):
    """Missed turns are not made up for; a failed one is tried again after 5, 10, 20 minutes and so on."""
    assert next_due(START, minutes(now), HOUR, failures) == minutes(due)


def told(endings, rhythm, random=lambda: 0.0, lasts=timedelta(minutes=1)):
    """When each turn of `endings` began, in minutes; the last one is followed by a stop."""
    now, began, waiting = START, [], list(endings)

    def turn():
        nonlocal now
        began.append((now - START) / timedelta(minutes=1))
        now += lasts
        return waiting.pop(0)

    def wait(until):
        nonlocal now
        now = max(now, until)
        return not waiting

    repeat(turn, rhythm, lambda: now, wait, random)
    return began


def test_the_first_run_is_at_once_and_the_others_keep_time():
    """However long a run takes, the next one begins when it would have begun."""
    assert told([Ending.DONE] * 3, Rhythm(HOUR)) == [0, 60, 120]


def test_a_refusal_waits_for_its_turn_and_a_failure_does_not():
    """The guard says the same after five minutes; a server may be there again. A success ends the haste."""
    endings = [Ending.REFUSED, Ending.FAILED, Ending.FAILED, Ending.DONE, Ending.BUSY, Ending.DONE]
    assert told(endings, Rhythm(HOUR)) == [0, 60, 66, 77, 137, 197]


def test_a_run_is_put_off_by_a_tenth_of_the_time_at_most():
    """Jitter moves each run alone, and no run drifts by it."""
    assert told([Ending.DONE] * 3, Rhythm(HOUR, HOUR), lambda: 0.5) == [0, 63, 123]
    assert told([Ending.DONE] * 3, Rhythm(HOUR, timedelta(minutes=2)), lambda: 0.5) == [0, 61, 121]


def test_a_stop_while_waiting_begins_no_run():
    """After the stop nothing is begun any more."""
    assert told([Ending.DONE], Rhythm(HOUR)) == [0]
