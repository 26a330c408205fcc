"""`trackone run` as services start it: real processes, signals, and what can be asked of it meanwhile."""

import json
import os
import random
import re
import signal
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager, suppress

import pytest

from tests.cli.command import start, trackone
from tests.cli.conftest import PEOPLE
from tests.servers.ports import free_port
from tests.servers.smtp import MailServer
from tests.servers.webhook import Webhook
from tests.services.school import OVERWRITE, School, row

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")

CALM = ("run", "--every", "1h", "--jitter", "0s")
BUSY = ("run", "--every", "1s", "--jitter", "0s")


@contextmanager
def running(folder, *words, environ=None):
    """The service, which is ended if the test does not."""
    service = start(*words, folder=folder, environ=environ)
    try:
        yield service
    finally:
        if service.poll() is None:
            service.kill()
        service.communicate()


def line(service):
    """The next line it writes."""
    return service.stdout.readline().decode()


def ended(service, number=signal.SIGTERM):
    """Its exit code and all it still said, once it was told to end."""
    service.send_signal(number)
    out, err = service.communicate(timeout=30)
    return service.returncode, out.decode(), err.decode()


def asked(port, path):
    """What it answers: status and text."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def _in_its_run(folder, service):
    """Wait until the service holds the lock for its run, not for making the store."""
    while True:
        assert service.poll() is None
        with suppress(OSError, ValueError):
            if json.loads((folder / "trackone.db.lock.json").read_text())["command"] == "sync":
                return
        time.sleep(0.002)


def more(school, text):
    """Further tables of connector.toml."""
    config = school.folder / "connector.toml"
    config.write_text(config.read_text() + text)


def runs(school):
    """The runs of the school's store, the newest first."""
    return json.loads(trackone("runs", "list", "--format", "json", folder=school.folder).out)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_runs_at_once_and_ends_when_told(school, number):
    """One line for its first run, then it waits; told to end it ends with 0 and nothing on standard error."""
    with running(school.folder, *CALM) as service:
        first = line(service)
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d  run 1: 4 accounts created.* \(\d+\.\d s\)\n", first)
        assert ended(service, number) == (0, "", "")
    (only,) = runs(school)
    assert (only["origin"], only["command"]) == ("schedule", "sync")


def test_a_run_that_is_going_on_is_finished_before_the_end(tmp_path):
    """Told to end in mid-run it ends after it: the run is whole, its line is written, the exit code is 0."""
    school = School(tmp_path, OVERWRITE)
    school.write([row(f"S{number}", f"Given{number}", f"Family{number}") for number in range(8_000)])
    with running(school.folder, *CALM) as service:
        _in_its_run(school.folder, service)
        code, out, err = ended(service)
    assert (code, err) == (0, "")
    assert "run 1: 8,000 accounts created" in out
    assert [one["counts"]["create"] for one in runs(school)] == [8_000]


def test_it_outlives_runs_that_fail_or_are_refused(school):
    """A broken export, a refused one and a broken configuration each end one run; the next good one is done."""
    with running(school.folder, *BUSY) as service:
        assert "run 1: 4 accounts created" in line(service)
        _until(service, "run")
        school.write([])
        assert "refused by the guard" in _until(service, "refused")
        config = (school.folder / "connector.toml").read_text()
        (school.folder / "connector.toml").write_text(config + "[guard]\nmax_archive = 3\n")
        assert "max_archive" in _until(service, "failed")
        # a failed run is tried again in five minutes or at its time, whichever comes first: here its time
        (school.folder / "connector.toml").write_text(config)
        school.write([*PEOPLE, row("S9", "Nina", "Newcomer")])
        assert "1 account created" in _until(service, "created")
        assert ended(service)[0] == 0
    assert [one["counts"].get("create") for one in runs(school) if one["counts"].get("create")] == [1, 4]


def _until(service, word):
    """The first line that holds the word; each must come, and within the test's time."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        said = line(service)
        assert said, service.stderr.read().decode()
        if word in said:
            return said
    raise AssertionError(f"no line with {word}")


def test_a_quiet_service_says_trouble_only(school):
    """A calm run says nothing; a refusal is one line on standard error."""
    with running(school.folder, "--quiet", *BUSY) as service:
        while not (school.folder / "trackone.db").exists() or not runs(school):
            time.sleep(0.1)
        school.write([])
        refused = service.stderr.readline().decode()
        code, out, _ = ended(service)
    assert (code, out) == (0, "")
    assert "refused by the guard (max-shrink and empty-read)" in refused


def test_two_services_at_once_never_run_together(school):
    """Each run is whole; a service that finds the other at work leaves that turn out and says who holds the lock."""
    with running(school.folder, *BUSY) as one, running(school.folder, *BUSY) as two:
        said = [line(one), line(two), line(one), line(two)]
        assert (ended(one)[0], ended(two)[0]) == (0, 0)
    for told in said:
        assert re.search(r"run \d+: |left out: run lock held by pid \d+", told), told
    assert sum(one["counts"].get("create", 0) for one in runs(school)) == 4
    assert all(one["finished_at"] for one in runs(school))


def _killed_in_its_run(school, seconds):
    """Start the service, kill it so long into its run; how many accounts the store then has."""
    with running(school.folder, *CALM) as service:
        _in_its_run(school.folder, service)
        time.sleep(seconds)
        service.kill()
        service.communicate()
    with closing(sqlite3.connect(school.folder / "trackone.db")) as connection:
        return connection.execute("SELECT count(*) FROM accounts").fetchone()[0]


def _whole_after_all(school, number):
    """Started again, the service does the whole run, or finds it done."""
    with running(school.folder, *CALM) as service:
        assert re.search(f"{number:,} accounts created|nothing had to change", line(service))
        assert ended(service)[0] == 0


@pytest.mark.slow
def test_a_service_that_is_killed_hinders_nobody(tmp_path):
    """After kill -9 in mid-run the store is as before or as after, and the next one does the rest."""
    school = School(tmp_path, OVERWRITE)
    school.write([row(f"S{number}", f"Given{number}", f"Family{number}") for number in range(8_000)])
    for seconds in (0.01, 0.05, 0.2):
        assert _killed_in_its_run(school, seconds) in (0, 8_000)
    _whole_after_all(school, 8_000)


@pytest.mark.long
def test_a_service_killed_two_hundred_times_hinders_nobody(tmp_path):
    """The same two hundred times at random moments, with students who come and go."""
    chance = random.Random(time.time_ns())
    school = School(tmp_path, OVERWRITE, '[guard]\nmax_shrink = "100%"\nmax_archives = "100%"\n')
    had = 0
    for number in range(200):
        wanted = 2_000 + 10 * number
        school.write([row(f"S{one}", f"Given{one}", f"Family{one}") for one in range(wanted)])
        kept = _killed_in_its_run(school, chance.uniform(0, 0.4))
        assert kept in (had, wanted)
        had = kept
    _whole_after_all(school, wanted - had)


def test_it_answers_for_its_health(school):
    """Alive, ready, and numbers that say what was done last; nothing else is answered."""
    port = free_port("127.0.0.1")
    more(school, f"[monitoring]\nport = {port}\n")
    with running(school.folder, *CALM) as service:
        line(service)
        assert asked(port, "/healthz") == (200, '{"alive": true}\n')
        assert asked(port, "/readyz") == (200, '{"ready": true}\n')
        status, metrics = asked(port, "/metrics")
        assert (status, 'trackone_last_success_changes{action="create"} 4.0' in metrics) == (200, True)
        assert [word for one in PEOPLE for word in (one["family_name"], one["email"]) if word in metrics] == []
        assert asked(port, "/")[0] == 404
        assert ended(service) == (0, "", "")
    with pytest.raises(OSError, match="refused"):
        asked(port, "/healthz")


def test_a_sync_by_hand_counts_as_well(school):
    """What cron starts with `trackone sync` is in the same numbers: a success, and a refusal that is none."""
    trackone("sync", folder=school.folder)
    school.write([])
    assert trackone("sync", folder=school.folder).code == 3
    port = free_port("127.0.0.1")
    more(school, f"[monitoring]\nport = {port}\n")
    with running(school.folder, *CALM) as service:
        line(service)
        metrics = asked(port, "/metrics")[1]
    assert 'trackone_syncs_total{ending="done"} 1.0' in metrics
    assert 'trackone_syncs_total{ending="refused"} 2.0' in metrics
    assert 'trackone_guard_refusals_total{code="empty-read"} 2.0' in metrics
    assert "trackone_last_attempt_success 0.0" in metrics


def test_notices_are_sent_by_mail_and_webhook(school):
    """A refusal reaches both, once; neither holds a name; the passwords are in no output."""
    with MailServer(users={"trackone": "Sesame-1"}) as mail, Webhook() as hook:
        more(
            school,
            f'[notices]\nmail_to = ["ict@school.example"]\nmail_from = "t@school.example"\nsmtp_host = "127.0.0.1"\n'
            f'smtp_port = {mail.port}\nsmtp_security = "none"\nsmtp_user = "trackone"\n'
            f'smtp_password = {{ env = "SMTP" }}\nwebhook = "{hook.url}"\nwebhook_token = {{ env = "HOOK" }}\n',
        )
        with running(school.folder, "-v", *BUSY, environ={"SMTP": "Sesame-1", "HOOK": "Sesame-2"}) as service:
            _until(service, "run 1")
            school.write([])
            _until(service, "refused")
            _until(service, "refused")
            code, out, err = ended(service)
        assert (code, [one.message["Subject"] for one in mail.received], len(hook.posted)) == (
            0,
            ["Test College: refused by the guard (max-shrink and empty-read); nothing was written"],
            1,
        )
        told = mail.received[0].message.get_content() + json.dumps(hook.posted[0].body)
    assert "trackone -c" in told
    assert [one["family_name"] for one in PEOPLE if one["family_name"] in told + out + err] == []
    assert [word for word in ("Sesame-1", "Sesame-2") if word in told + out + err] == []


def test_a_notice_that_cannot_be_sent_does_not_hinder_the_run(school):
    """The sync is done with 0; what could not be told stands on standard error with the key to look at."""
    port = free_port("127.0.0.1")
    more(school, f'[notices]\nwhen = ["changed"]\nwebhook = "http://127.0.0.1:{port}/hook"\n')
    answer = trackone("sync", folder=school.folder)
    assert (answer.code, "4 accounts created" in answer.out) == (0, True)
    assert answer.err.count("\n") == 2
    assert "[notices] webhook" in answer.err


def test_a_log_as_json_holds_numbers_and_no_people(school):
    """Each line of standard error is a JSON object with what became of the run."""
    with running(school.folder, "--log-json", *CALM) as service:
        line(service)
        _, _, err = ended(service)
    records = [json.loads(one) for one in err.splitlines()]
    done = next(one for one in records if one.get("ending"))
    assert (done["ending"], done["run"], done["counts"]["create"], done["level"]) == ("done", 1, 4, "info")
    assert [one["family_name"] for one in PEOPLE if one["family_name"] in err] == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("run", "--every", "often"), 2, "--every often: not a span of time"),
        (("run", "--every", "0s"), 2, "--every 0s"),
        (("run", "--jitter", "x"), 2, "--jitter x"),
        (("-c", "none.toml", "run"), 2, "none.toml"),
    ],
)
def test_a_service_that_cannot_begin_says_so_at_once(school, words, code, said):
    """Wrong words and a missing configuration end it before the first run."""
    answer = trackone(*words, folder=school.folder)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err


def test_a_port_that_is_taken_is_said(school):
    """Another program on the port of [monitoring] ends it with 1 before the first run."""
    with Webhook() as other:
        port = other.url.rpartition(":")[2].partition("/")[0]
        more(school, f"[monitoring]\nport = {port}\n")
        answer = trackone(*CALM, folder=school.folder)
    assert (answer.code, f"[monitoring] 127.0.0.1:{port} cannot be listened on" in answer.err) == (1, True)
    assert runs(school) == []


def test_it_keeps_the_files_of_a_service_private(school):
    """Started with any umask, no file it leaves may be read by others."""
    more(school, '[run]\nreports = "reports"\n')
    before = os.umask(0)
    try:
        with running(school.folder, *CALM) as service:
            line(service)
            assert ended(service)[0] == 0
    finally:
        os.umask(before)
    made = [school.folder / "reports" / "run-000001.html", *school.folder.glob("trackone.db*")]
    assert {file.stat().st_mode & 0o077 for file in made} == {0}
