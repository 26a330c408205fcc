"""How long a read of OneRoster REST takes, as a ratio to fetching the same pages: `python -m bench.rest`.

It starts a service of its own on a loopback port, in a process of its own.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from connector.domain.student import Student
from connector.services.collector import collector_at_rest
from connector.settings.values import SchoolSettings, SisConnection, SisSettings
from connector.sources.oneroster_rest import oneroster_rest_source
from connector.sources.oneroster_rest_service import Times

PAGE = 1000
LIMIT = 2.0
"""Of a bare session that fetches the same pages and looks at nothing, from a service that makes them as it is asked.

Where every page lies ready, the floor is a session that parses what it fetches: there is nothing else to wait for.
"""
BASE = "/ims/oneroster/rostering/v1p2"
COLLECTIONS = ("students", "orgs", "enrollments", "classes")
LINE = "{:<42}{:>9}{:>9}{:>9}{:>8}{:>8}"
WORDS = {
    "bytes": "bare requests session, pages not parsed",
    "json": "bare requests session, pages parsed",
    "read": "read into Students, proved complete",
}


def records(students: int) -> dict[str, list[dict[str, Any]]]:
    """An invented school with four classes a student, as OneRoster 1.2 tells it."""
    org = {"href": "/orgs/s1", "sourcedId": "s1", "type": "org"}
    users = [
        {
            "sourcedId": f"u{number:07}",
            "status": "active",
            "dateLastModified": "2026-01-15T00:00:00.000Z",
            "enabledUser": True,
            "username": f"login{number}",
            "userIds": [{"type": "LDAP", "identifier": f"login{number}"}],
            "givenName": f"Given{number % 997}",
            "familyName": f"Family{number % 1009}",
            "middleName": None,
            "identifier": f"S{number:07}",
            "email": f"s{number}@school.example",
            "grades": [f"{number % 12 + 1:02}"],
            "primaryOrg": org,
            "roles": [{"roleType": "primary", "role": "student", "org": org, "beginDate": "2026-01-27"}],
            "metadata": {"homeRoom": f"{number % 12 + 1}A"},
        }
        for number in range(students)
    ]
    classes = [
        {"sourcedId": f"c{number:04}", "status": "active", "classCode": f"7M{number}"} for number in range(200)
    ]
    enrollments = [
        {
            "sourcedId": f"e{number:07}{turn}",
            "status": "active",
            "role": "student",
            "user": {"href": f"/users/u{number:07}", "sourcedId": f"u{number:07}", "type": "user"},
            "class": {"href": "/classes", "sourcedId": f"c{(number + turn * 7) % 200:04}", "type": "class"},
        }
        for number in range(students)
        for turn in range(4)
    ]
    orgs = [{"sourcedId": "s1", "status": "active", "name": "Senior School", "type": "school"}]
    return {"students": users, "orgs": orgs, "enrollments": enrollments, "classes": classes}


def serve(students: int, *, ready: bool) -> None:
    """Answer until killed, from pages made beforehand (`ready`) or made as they are asked for; prints the port."""
    school = records(students)
    made: dict[tuple[str, int], bytes] = {}

    def page(name: str, offset: int) -> bytes:
        kind = "users" if name == "students" else name
        return json.dumps({kind: school[name][offset : offset + PAGE]}).encode()

    if ready:
        made = {(name, start): page(name, start) for name in school for start in range(0, len(school[name]), PAGE)}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            """One page."""
            parts = urlsplit(self.path)
            name, offset = parts.path.rpartition("/")[2], int(dict(parse_qsl(parts.query)).get("offset", 0))
            body = made.get((name, offset)) or page(name, offset)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Total-Count", str(len(school[name])))
            if offset + PAGE < len(school[name]):
                self.send_header("Link", f'<{parts.path}?limit={PAGE}&offset={offset + PAGE}>; rel="next"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


Taken = tuple[float, float]
"""Seconds on the clock, and of this process on a processor."""


def timed(work: Callable[[], object]) -> Taken:
    """What a piece of work takes."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - clock, time.process_time() - processor


def bare(url: str, *, parse: bool) -> None:
    """A bare requests session that fetches every page, and parses it where asked."""
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer token"
        for name in COLLECTIONS:
            page: str | None = f"{url}/{name}?limit={PAGE}&offset=0"
            while page is not None:
                answer = session.get(page, timeout=60)
                if parse:
                    answer.json()
                else:
                    len(answer.content)
                link = answer.links.get("next")
                page = f"{url.removesuffix(BASE)}{link['url']}" if link else None


def read(url: str, students: int) -> None:
    """The connector's whole read, proved complete, every row interpreted; ends everything where it is not."""
    at = SisConnection(url=url, auth="bearer", version="1.2", page_size=PAGE)
    times = Times(lambda: datetime(2026, 3, 2, tzinfo=UTC), time.monotonic, time.sleep)
    source = oneroster_rest_source(
        SisSettings(reader="oneroster-rest", connection=at), SchoolSettings(), "token", times
    )
    with collector_at_rest():  # as the services read
        reading = source.open(date(2026, 3, 2))
        count = sum(isinstance(one, Student) for one in map(reading.student, reading.rows()))
    if count != students or not reading.complete:
        sys.exit(f"{count} students were read, not {students}, or not proved to be all")


def measure(students: int, rounds: int, *, ready: bool) -> list[dict[str, Taken]]:
    """The rounds; in each the three follow each other on one service."""
    kind = "ready" if ready else "asked"
    command = [sys.executable, "-m", "bench.rest", "--serve", kind, "--students", str(students)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None  # noqa: S101 - it is a pipe
            url = f"http://127.0.0.1:{server.stdout.readline().strip()}{BASE}"
            work: dict[str, Callable[[], object]] = {
                "bytes": lambda: bare(url, parse=False),
                "json": lambda: bare(url, parse=True),
                "read": lambda: read(url, students),
            }
            read(url, students)
            return [{name: timed(one) for name, one in work.items()} for _ in range(rounds)]
        finally:
            server.kill()


def show(words: str, rounds: list[dict[str, Taken]], floor: str) -> bool:
    """Print one service; whether the read is within the limit of `floor`, by the median of the rounds' ratios."""
    print(f"\n{words}\n{LINE.format('', 'seconds', 'CPU', 'x floor', 'limit', '').rstrip()}")
    for name, told in WORDS.items():
        clock, processor = (median(one[name][which] for one in rounds) for which in (0, 1))
        ratio = median(one[name][0] / one[floor][0] for one in rounds)
        verdict = (f"{LIMIT:.1f}", "pass" if ratio <= LIMIT else "over") if name == "read" else ("", "")
        print(LINE.format(told, f"{clock:.2f}", f"{processor:.2f}", f"{ratio:.2f}", *verdict).rstrip())
    return ratio <= LIMIT


def main() -> int:
    """Measure and print the tables; 1 when a limit is passed."""
    parser = argparse.ArgumentParser(prog="python -m bench.rest", description=__doc__)
    parser.add_argument("--students", type=int, default=20_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", choices=("ready", "asked"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve(chosen.students, ready=chosen.serve == "ready")
        return 0
    print(f"{chosen.students:,} students, {4 * chosen.students:,} enrollments, medians of {chosen.rounds}")
    asked = measure(chosen.students, chosen.rounds, ready=False)
    within = [show("A service that makes each page as it is asked for", asked, "bytes")]
    ready = measure(chosen.students, chosen.rounds, ready=True)
    within.append(show("A service that has every page ready and waits for nothing", ready, "json"))
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())
