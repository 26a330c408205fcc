"""`trackone doctor scim` with real endpoints: ours is well, others are not in what is known of them."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.scim.served import START, Served, free_port


def doctor(url: str, token: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command as a user calls it; the token is not among its words."""
    return subprocess.run(
        [sys.executable, "-c", START, "doctor", "scim", url, *words],
        cwd=folder,
        env={"TRACKONE_SCIM_TOKEN": token, "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def other() -> Iterator[str]:
    """The reference server of the python-scim family."""
    port = free_port()
    words = [str(Path(sys.executable).with_name("scim2-server")), "--hostname", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/v2"
    for _ in range(200):
        try:
            requests.get(f"{url}/Users", timeout=5)
            break
        except requests.ConnectionError:
            time.sleep(0.1)
    yield url
    server.terminate()
    server.wait(10)


def test_our_endpoint_is_well_and_nothing_is_left_behind(endpoint: Served) -> None:
    """Every step of Entra ID's and Okta's conversations passes, twice in a row, and no user of it remains."""
    token = endpoint.new_token("doctor")
    for _ in range(2):
        done = doctor(endpoint.url, token, endpoint.folder)
        assert done.returncode == 0, done.stdout
        assert "fail" not in done.stdout
    left = endpoint("GET", '/Users?filter=userName sw "t1d"', token=token).told
    assert left["totalResults"] == 0
    assert endpoint("GET", '/Groups?filter=displayName sw "t1d"', token=token).told["totalResults"] == 0


def test_what_another_endpoint_cannot_do_is_found(other: str, tmp_path: Path) -> None:
    """scim2-server is known to refuse what Entra ID sends in some places; the doctor names them and exits with 1."""
    done = doctor(other, "any", tmp_path, "--format", "json")
    assert done.returncode == 1, done.stderr
    failed = {one["does"] for one in json.loads(done.stdout) if one["verdict"] == "fail"}
    assert "Take the manager as a bare id" in failed
    assert "Create a group as Entra ID sends one" in failed
    assert "Find the user by userName" not in failed


def test_an_endpoint_that_is_not_there_is_named(tmp_path: Path) -> None:
    """One line with the address, no traceback, exit 1."""
    url = f"http://127.0.0.1:{free_port()}/scim/v2"
    done = doctor(url, "any", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"trackone: {url}: cannot be reached")
    assert "Traceback" not in done.stderr
