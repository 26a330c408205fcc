"""How long reading OpenLDAP, aligning and suggesting take, as ratios: `python -m bench.directory`.

It starts a slapd of its own on loopback ports; Debian's slapd, ldap-utils and openssl are needed.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench import floors, people
from bench.table import GROWTH
from tests.servers.authority import Authority
from tests.servers.slapd import ADMIN, ADMIN_PASSWORD, SUFFIX, Slapd

CONFIG = """\
[school]
name = "Bench"
school_year = 2026
[sis]
reader = "csv"
path = "students.csv"
as_of = "2026-03-11"
[sis.columns]
{columns}
[sis.status]
active = ["Active"]
[mapping]
file = "students.toml"
[directory]
url = "{url}"
base = "ou=Students,{suffix}"
bind_dn = "{admin}"
bind_password = {{ env = "BENCH_PASSWORD" }}
allow_plaintext = true
ca_file = "{ca}"
timeout = "10m"
"""
MAPPING = '[usernames]\nmethod = "student_code"\n[passwords]\nmethod = "none"\n'

# What the connector asks OpenLDAP for, so that both do the same work.
ATTRIBUTES = [
    "authTimestamp", "cn", "createTimestamp", "displayName", "employeeNumber", "entryUUID", "givenName", "mail",
    "objectClass", "pwdAccountLockedTime", "pwdLastSuccess", "pwdPolicySubentry", "pwdReset", "shadowExpire", "sn",
    "uid",
]  # fmt: skip
FILTER = "(|(objectClass=person)(objectClass=posixAccount)(objectClass=user))"
ENVIRONMENT = {**os.environ, "BENCH_PASSWORD": ADMIN_PASSWORD}


class Limit(NamedTuple):
    """A step, what it is compared with, and how many times as long it may take, from so many entries on."""

    words: str
    floor: str
    ratio: float
    rows: int


LIMITS = {
    "read": Limit("read into people, ldap", "search", 2.0, 100_000),
    "read-tls": Limit("read into people, ldaps", "search-tls", 2.0, 100_000),
    "align": Limit("trackone align --format json", "search+csv", 6.0, 100_000),
    "suggest": Limit("trackone suggest --format json", "align", 5.0, 5_000),
}
SUGGESTED = 10_000
"""Up to how many entries `suggest` is measured: a school has no more."""
LINE = "{:<34}{:>9}{:>9}{:>8}{:>8}"


def read_directory(workdir: Path) -> None:
    """One read of the directory of the school in `workdir`, in this process."""
    from connector.bootstrap import system_clock  # noqa: PLC0415 - the parent process stays free of the product
    from connector.directory.ldap import ldap_directory  # noqa: PLC0415 - the same
    from connector.settings.load import load_settings  # noqa: PLC0415 - the same

    configured = load_settings(workdir / "connector.toml", os.environ).directory
    assert configured is not None  # noqa: S101 - CONFIG has it
    ldap_directory(configured, ADMIN_PASSWORD, system_clock).read()


def align(workdir: Path) -> None:
    """One alignment of the school in `workdir`, in this process."""
    from connector.cli.main import cli  # noqa: PLC0415 - the parent process stays free of the product

    words = ["-c", str(workdir / "connector.toml"), "align", "--format", "json", "-o", str(workdir / "align.json")]
    cli.main(words, standalone_mode=False)


def suggest(workdir: Path) -> None:
    """The rules that the network of the school in `workdir` seems to follow, in this process."""
    from connector.cli.main import cli  # noqa: PLC0415 - the parent process stays free of the product

    words = ["-c", str(workdir / "connector.toml"), "suggest", "--format", "json"]
    with (workdir / "suggest.json").open("w", encoding="utf-8") as file, redirect_stdout(file):
        cli.main(words, standalone_mode=False)


STEPS = {"read": read_directory, "align": align, "suggest": suggest}


def measure(step: str, workdir: Path, warm: Path) -> None:
    """Import everything on a small school, then time the step on the real one."""
    STEPS[step](warm)
    started = time.perf_counter()
    STEPS[step](workdir)
    print(json.dumps(time.perf_counter() - started))


def write_ldif(path: Path, source: Path) -> None:
    """The students of an export as directory entries; one in fifty has another login than the code."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: School\ndc: school\n\n")
        file.write(f"dn: ou=Students,{SUFFIX}\nobjectClass: organizationalUnit\nou: Students\n\n")
        with source.open(encoding="utf-8", newline="") as students:
            for number, one in enumerate(csv.DictReader(students)):
                code, given, family = one["sis_code"], one["given_names"], one["family_name"]
                login = f"n{code}" if number % 50 == 0 else code
                file.write(
                    f"dn: uid={login},ou=Students,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: {login}\n"
                    f"employeeNumber: {code}\ncn: {given} {family}\nsn: {family}\ngivenName: {given}\n"
                    f"displayName: {family}, {given}\nmail: {one['email']}\n\n"
                )


def school(workdir: Path, rows: int, server: Slapd | None = None, *, tls: bool = False) -> Path:
    """Lay a school down; with a server its configuration names that."""
    workdir.mkdir(parents=True, exist_ok=True)
    people.write(workdir / "students.csv", rows)
    (workdir / "students.toml").write_text(MAPPING, encoding="utf-8")
    if server is not None:
        columns = "\n".join(f'{name} = "{name}"' for name in people.HEADER)
        url = server.tls_url if tls else server.url
        text = CONFIG.format(columns=columns, url=url, suffix=SUFFIX, admin=ADMIN, ca=server.ca)
        (workdir / "connector.toml").write_text(text, encoding="utf-8")
    return workdir


def ldapsearch(url: str, ca: Path) -> float:
    """Seconds of ldapsearch with pages of 1000, to nowhere."""
    words = ["ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-H", url, "-D", ADMIN, "-w", ADMIN_PASSWORD]
    words += ["-b", f"ou=Students,{SUFFIX}", "-E", "pr=1000/noprompt", FILTER, *ATTRIBUTES]
    started = time.perf_counter()
    trusted = {**os.environ, "LDAPTLS_CACERT": str(ca)}
    subprocess.run(words, env=trusted, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def _timed(step: str, workdir: Path, warm: Path) -> float:
    command = [sys.executable, "-m", "bench.directory", "--measure", step, str(workdir), str(warm)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    if done.returncode:
        sys.exit(f"The measured {step} failed:\n{done.stderr.strip() or done.stdout.strip()}")
    return float(done.stdout.splitlines()[-1])


def measure_size(folder: Path, rows: int, rounds: int) -> dict[str, float]:
    """Medians of the rounds; in each the floors and the steps follow each other on one slapd."""
    authority = Authority(folder / "authority")
    certificate = authority.sign("localhost", ("DNS:localhost", "IP:127.0.0.1"))
    big = school(folder / "big", rows)
    ldif = folder / "people.ldif"
    write_ldif(ldif, big / "students.csv")
    server = Slapd(ldif, authority, certificate)
    try:
        server.start()
        plain, tls = school(folder / "plain", rows, server), school(folder / "tls", rows, server, tls=True)
        warm = school(folder / "small", 10, server)
        taken: list[dict[str, float]] = []
        for _ in range(rounds):
            search = ldapsearch(server.url, server.ca)
            csv_pass = floors.csv_pass(plain / "students.csv")
            taken.append(
                {
                    "search": search,
                    "search-tls": ldapsearch(server.tls_url, server.ca),
                    "search+csv": search + csv_pass,
                    "read": _timed("read", plain, warm),
                    "read-tls": _timed("read", tls, warm),
                    "align": _timed("align", plain, warm),
                }
            )
            if rows <= SUGGESTED:
                taken[-1]["suggest"] = _timed("suggest", plain, warm)
    finally:
        server.stop()
    return {name: median(one[name] for one in taken) for name in taken[0]}


def show(sizes: dict[int, dict[str, float]], rounds: int) -> int:
    """Print every size, then the growth from the smallest to the largest; 1 when a limit is passed."""
    verdicts: list[bool] = []
    for rows, seconds in sizes.items():
        print(f"\n{rows:,} entries, median of {rounds}\n{LINE.format('', 'seconds', 'x floor', 'limit', '')}")
        for floor, words in (
            ("search", "ldapsearch, pages of 1000, ldap"),
            ("search-tls", "the same, ldaps"),
            ("search+csv", "ldapsearch (ldap) + csv.reader"),
        ):
            print(LINE.format(words, f"{seconds[floor]:.2f}", "1.0", "", "").rstrip())
        for step, limit in LIMITS.items():
            if step not in seconds:
                continue
            ratio, judged = seconds[step] / seconds[limit.floor], rows >= limit.rows
            word = ""
            if judged:
                verdicts.append(ratio <= limit.ratio)
                word = "pass" if verdicts[-1] else "over"
            most = f"{limit.ratio:.1f}" if judged else ""
            print(LINE.format(limit.words, f"{seconds[step]:.2f}", f"{ratio:.2f}", most, word).rstrip())
    large = max(sizes)
    small = max((rows for rows in sizes if rows <= large / 10), default=large)
    if small < large:
        print(f"\nGrowth from {small:,} to {large:,}, linear = 1.0, limit {GROWTH}")
        for step, limit in ((step, limit) for step, limit in LIMITS.items() if step in sizes[large]):
            growth = sizes[large][step] / sizes[small][step] / (large / small)
            verdicts.append(growth <= GROWTH)
            print(f"{limit.words:<34}{growth:>9.2f}  {'pass' if verdicts[-1] else 'over'}")
    print("\nAll within limits." if all(verdicts) else "\nA limit was passed.")
    return 0 if all(verdicts) else 1


def main() -> int:
    """Measure every size asked for and print the table; 1 when a limit is passed."""
    parser = argparse.ArgumentParser(prog="python -m bench.directory", description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[5_000, 10_000, 100_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", nargs=3, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        step, workdir, warm = chosen.measure
        measure(step, Path(workdir), Path(warm))
        return 0
    sizes: dict[int, dict[str, float]] = {}
    for rows in sorted(set(chosen.entries)):
        with tempfile.TemporaryDirectory() as folder:
            sizes[rows] = measure_size(Path(folder), rows, chosen.rounds)
    return show(sizes, chosen.rounds)


if __name__ == "__main__":
    sys.exit(main())
