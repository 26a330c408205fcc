"""What listens: one server a port, and none that outlives the one it belongs to."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from connector.cli.listen import require_free
from connector.domain.errors import OperationError
from tests.scim.served import Served


def until(holds, seconds=15):
    """Wait for something to hold; whether it did."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def is_free(port):
    """Whether a server could listen there."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def test_a_port_that_is_taken_is_refused_and_one_that_is_free_is_not() -> None:
    """The message names the address; once the other has gone the same port will do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OperationError, match=f"127.0.0.1, port {port}: cannot listen there"):
            require_free("127.0.0.1", port)
    require_free("127.0.0.1", port)


@pytest.mark.slow
def test_a_second_server_is_refused_and_a_killed_one_leaves_its_port(tmp_path) -> None:
    """Two servers never share the requests; when the first process is killed its workers end by themselves."""
    served = Served(tmp_path).start()
    try:
        words = "import sys; from connector.cli.main import main; main(sys.argv[1:])"
        second = subprocess.run(
            [sys.executable, "-c", words, "serve", "scim", "--port", str(served.port)],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (second.returncode, second.stdout) == (1, "")
        assert f"port {served.port}: cannot listen there" in second.stderr
        os.kill(served._process.pid, signal.SIGKILL)  # the first process alone, not its group
        served._process.wait(30)
        assert until(lambda: is_free(served.port))
        assert served.start()("GET", "/Users?count=0").status == 200
    finally:
        served.stop()
