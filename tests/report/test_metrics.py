"""What probes and Prometheus are told."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as classic

from connector.domain.operation import Attempt, Ending, Health, Totals
from connector.domain.plan import GUARD_CODES
from connector.report.metrics import may_see, probe

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
THEN = NOW - timedelta(hours=2)
DONE = Attempt(THEN, THEN + timedelta(seconds=3), "schedule", "root", Ending.DONE, 7, {"create": 4}, {"error": 2})
REFUSED = Attempt(NOW, NOW, "schedule", "root", Ending.REFUSED, refused=("max-shrink",))
TOTALS = Totals({"done": 9, "refused": 2}, {"done": 30.5}, {"max-shrink": 2}, {"create": 40})
HEALTH = Health("1.2.3", "", REFUSED, DONE, TOTALS, 297)


def samples(health, accept="", parse=classic):
    """Every sample by its name and labels."""
    answer = probe("/metrics", lambda: health, NOW, trusted=True, accept=accept)
    assert answer.status == 200
    families = parse(answer.body.decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_last_success_is_the_last_success():
    """A refusal after it does not move its time, and counts as no success itself."""
    found = samples(HEALTH)
    assert found["trackone_last_success_timestamp_seconds",] == DONE.finished_at.timestamp()
    assert found["trackone_last_success_age_seconds",] == 7197
    assert found["trackone_last_attempt_timestamp_seconds",] == NOW.timestamp()
    assert found["trackone_last_attempt_success",] == 0
    assert found["trackone_last_success_changes", "create"] == 4
    assert found["trackone_last_success_findings", "error"] == 2


def test_what_never_happened_has_no_time_but_a_count_of_nought():
    """Before the first success there is no such time to alert on wrongly; every counter is there from the start."""
    found = samples(Health("1.2.3"))
    assert [name for name, *_ in found if "last" in name] == []
    assert found["trackone_syncs_total", "failed"] == 0
    assert {
        code for name, *code in map(list, found) if name == "trackone_guard_refusals_total" for code in code
    } == set(GUARD_CODES)


def test_counts_are_those_of_all_attempts():
    """By ending, by rule of the guard, by action, with the seconds they took."""
    found = samples(HEALTH)
    assert found["trackone_syncs_total", "done"] == 9
    assert found["trackone_sync_seconds_total", "done"] == 30.5
    assert found["trackone_guard_refusals_total", "max-shrink"] == 2
    assert found["trackone_account_changes_total", "create"] == 40
    assert found["trackone_students",] == 297
    assert found["trackone_build_info", "1.2.3"] == 1


def test_a_caller_may_ask_for_openmetrics():
    """The other form holds the same samples, by a strict reader."""
    accept = "application/openmetrics-text; version=1.0.0"
    assert samples(HEALTH, accept, open_metrics) == samples(HEALTH)


def test_a_store_that_cannot_be_used_is_down_and_not_ready():
    """It says so in all it can still say; being alive is another matter."""
    broken = Health("1.2.3", "the store t.db is damaged")
    assert samples(broken) == {("trackone_up",): 0, ("trackone_build_info", "1.2.3"): 1}
    assert probe("/readyz", lambda: broken, NOW, trusted=True).status == 503
    assert probe("/healthz", lambda: broken, NOW, trusted=True).status == 200
    assert samples(HEALTH)["trackone_up",] == 1


def test_strangers_see_no_numbers_and_no_reasons():
    """Whether it is ready is said to everybody, why not only to whom it may."""
    broken = Health("1.2.3", "the store /srv/t.db is damaged")
    assert probe("/metrics", lambda: HEALTH, NOW, trusted=False).status == 403
    assert json.loads(probe("/readyz", lambda: broken, NOW, trusted=False).body) == {"ready": False}
    told = json.loads(probe("/readyz", lambda: broken, NOW, trusted=True).body)
    assert told == {"ready": False, "reason": "the store /srv/t.db is damaged"}


@pytest.mark.parametrize(
    ("address", "authorization", "token", "seen"),
    [
        ("127.0.0.1", "", "", True),
        ("::1", "", "t", True),
        ("10.0.0.9", "", "", False),
        ("10.0.0.9", "Bearer ", "", False),
        ("10.0.0.9", "Bearer t", "t", True),
        ("10.0.0.9", "bearer  t ", "t", True),
        ("10.0.0.9", "Bearer tt", "t", False),
        ("10.0.0.9", "t", "t", False),
        ("10.0.0.9", "Bearer ü", "t", False),
        ("", "", "", False),
    ],
)
def test_metrics_are_for_this_machine_or_the_token(address, authorization, token, seen):
    """An empty token is no token."""
    assert may_see(address, authorization, token) is seen
