"""How long the console's pages take against an empty page of the same application: `python -m bench.console`."""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from bench import people
from bench.sync import CONFIG, MAPPING, run_sync

LIMIT = 5.0
ROUNDS = 15
HOST = "http://127.0.0.1:8081"
EMPTY = "/empty"


def school(folder: Path, rows: int) -> Path:
    """A school whose students all have accounts."""
    columns = "\n".join(f'{name} = "{name}"' for name in people.HEADER)
    (folder / "connector.toml").write_text(CONFIG.format(columns=columns), encoding="utf-8")
    (folder / "students.toml").write_text(MAPPING, encoding="utf-8")
    people.write(folder / "students.csv", rows)
    run_sync(folder)
    return folder / "connector.toml"


def signed_in(config: Path) -> Any:
    """The console of the school with an empty page beside its own, and a browser that is signed in."""
    from flask import render_template_string  # noqa: PLC0415 - measured with the product

    from connector.console.app import create_app  # noqa: PLC0415 - the same
    from connector.console.sign_in import first_link  # noqa: PLC0415 - the same

    app = create_app(config, {})
    page = '{% extends "base.html" %}{% block title %}Empty{% endblock %}{% block main %}{% endblock %}'
    app.add_url_rule(EMPTY, "empty", lambda: render_template_string(page))
    link = first_link(app, HOST, always=True)
    browser = app.test_client()
    form = browser.get(link.removeprefix(HOST), base_url=HOST).get_data(as_text=True)
    fields = dict(re.findall(r'name="(form_token|here)" value="([^"]*)"', form))
    password = "four words are enough"  # noqa: S105 - invented
    sent = {**fields, "name": "Bench", "password": password, "again": password}
    browser.post(link.removeprefix(HOST), base_url=HOST, data=sent)
    return browser


def pages(rows: int) -> dict[str, str]:
    """What is measured, by the words that say what it is."""
    return {
        "users": "/users",
        "users, the last page": f"/users?page={rows // 50}",
        "users by family name, in the middle": f"/users?sort=family_name&page={rows // 100}",
        "users, a search": "/users?q=oakston",
        "one user": f"/users/{rows // 2}",
        "synchronise, the form": "/synchronise",
        "runs": "/runs",
        "one run, the last page": f"/runs/1?page={rows // 50}",
        "alignment": "/alignment",
        "SCIM": "/scim-clients",
        "health": "/health",
        "audit": "/audit",
    }


def seconds(load: Callable[[], Any]) -> float:
    """The median of ROUNDS loads, after one that is not counted."""
    load()
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        load()
        taken.append(time.perf_counter() - started)
    return median(taken)


def main() -> int:
    """Measure every page and print the table; 1 when one is over the limit or does not answer."""
    parser = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, metavar="N")
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        browser = signed_in(school(Path(folder), rows))

        def load(path: str) -> None:
            answer = browser.get(path, base_url=HOST)
            if answer.status_code != 200:
                sys.exit(f"{path} answered {answer.status_code}")

        floor = seconds(partial(load, EMPTY))
        print(f"{rows:,} accounts, median of {ROUNDS}\n")
        print(f"{'an empty page':<38}{floor * 1000:>9.1f} ms{'1.0':>8} x")
        over = False
        for words, path in pages(rows).items():
            taken = seconds(partial(load, path))
            ratio = taken / floor
            over = over or ratio > LIMIT
            verdict = "over" if ratio > LIMIT else "pass"
            print(f"{words:<38}{taken * 1000:>9.1f} ms{ratio:>8.1f} x  limit {LIMIT}  {verdict}")
    print("\nA limit was passed." if over else "\nAll within limits.")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
