"""What probes ask: /healthz, /readyz and /metrics, as plain functions that any listener may call.

Metrics are in the text form of Prometheus (OpenMetrics where the caller asks for it).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from hmac import compare_digest
from typing import NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from connector.domain.operation import Attempt, Ending, Health, Totals
from connector.domain.plan import GUARD_CODES, Action
from connector.report.json_text import json_text

PATHS = ("/healthz", "/readyz", "/metrics")


class Answer(NamedTuple):
    """What a listener sends."""

    status: int
    content_type: str
    body: bytes


def may_see(address: str, authorization: str, token: str) -> bool:
    """Whether a caller may see metrics: it is on this machine, or sends the bearer token (RFC 6750, section 2.1)."""
    if address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        return True
    scheme, _, sent = authorization.partition(" ")
    right = compare_digest(sent.strip().encode(), token.encode())
    return bool(token) and scheme.casefold() == "bearer" and right


def probe(path: str, look: Callable[[], Health], now: datetime, *, trusted: bool, accept: str = "") -> Answer:
    """The answer to one of PATHS. `look` is asked only where it is needed.

    Who is not `trusted` gets no metrics and no reason why it is not ready. `accept` is the caller's Accept header.
    """
    if path == "/healthz":
        return _json(200, {"alive": True})
    if path == "/readyz":
        fault = look().fault
        told = {"ready": not fault} | ({"reason": fault} if fault and trusted else {})
        return _json(503 if fault else 200, told)
    if not trusted:
        return _json(403, {"error": "metrics are given to this machine only, or for the token of [monitoring]"})
    encode, content_type = choose_encoder(accept)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Gathered(look(), now))
    return Answer(200, content_type, encode(registry))


class _Gathered(Collector):
    """One moment's numbers, as the library wants to be given them."""

    def __init__(self, facts: Health, now: datetime) -> None:
        self._facts, self._now = facts, now

    def collect(self) -> Iterable[Metric]:
        """Every metric there is."""
        facts = self._facts
        yield GaugeMetricFamily("trackone_up", "Whether the user store can be used.", value=not facts.fault)
        info = GaugeMetricFamily("trackone_build_info", "The version that runs.", labels=["version"])
        info.add_metric([facts.version], 1)
        yield info
        if facts.fault:
            return
        students = "Live accounts of students that the SIS has claimed."
        yield GaugeMetricFamily("trackone_students", students, value=facts.students)
        yield from _last(facts.last, facts.last_done, self._now)
        yield from _totals(facts.totals)


def _last(last: Attempt | None, done: Attempt | None, now: datetime) -> Iterator[Metric]:
    """Of the newest sync that was tried and the newest that succeeded; no sample where there is none."""
    if last is not None:
        at, ok = last.finished_at.timestamp(), last.ending is Ending.DONE
        yield _gauge("last_attempt_timestamp_seconds", "When the last sync that was tried ended.", at)
        yield _gauge("last_attempt_success", "Whether it succeeded: 0 when it was refused or failed.", ok)
        yield _gauge("last_attempt_duration_seconds", "How long it took.", last.seconds)
    if done is not None:
        at, age = done.finished_at.timestamp(), (now - done.finished_at).total_seconds()
        yield _gauge("last_success_timestamp_seconds", "When the last sync that succeeded ended.", at)
        yield _gauge("last_success_age_seconds", "How long ago that was.", age)
        yield _labelled(
            GaugeMetricFamily,
            "last_success_changes",
            "How many accounts it changed.",
            "action",
            {action: done.counts.get(action, 0) for action in Action},
        )
        yield _gauge(
            "last_success_unchanged", "How many it found as they should be.", done.counts.get("unchanged", 0)
        )
        yield _gauge("last_success_without_account", "How many students got none.", done.counts.get("skip", 0))
        severities = {severity: done.findings.get(severity, 0) for severity in ("error", "warning", "info")}
        yield _labelled(GaugeMetricFamily, "last_success_findings", "What it noticed.", "severity", severities)


def _totals(totals: Totals) -> Iterator[Metric]:
    endings = (Ending.DONE, Ending.REFUSED, Ending.FAILED)
    for name, meaning, label, keys, found in (
        ("syncs", "Syncs that were tried, by how they ended.", "ending", endings, totals.endings),
        ("sync_seconds", "How long they took together.", "ending", endings, totals.seconds),
        ("guard_refusals", "Refusals of the guard, by rule.", "code", GUARD_CODES, totals.refusals),
        ("account_changes", "Accounts that syncs changed.", "action", tuple(Action), totals.changes),
    ):
        yield _labelled(CounterMetricFamily, name, meaning, label, {str(key): found.get(key, 0) for key in keys})


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"trackone_{name}", meaning, value=value)


def _labelled(
    kind: type[GaugeMetricFamily] | type[CounterMetricFamily],
    name: str,
    meaning: str,
    label: str,
    values: Mapping[str, float],
) -> Metric:
    family = kind(f"trackone_{name}", meaning, labels=[label])
    for key, value in values.items():
        family.add_metric([str(key)], value)
    return family


def _json(status: int, value: Mapping[str, object]) -> Answer:
    return Answer(status, "application/json", (json_text(value, indent=None) + "\n").encode())
