"""A service that is told to end just as it begins to wait."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")

STORM = """
import signal
from connector.cli.run import _Stop

signal.signal(signal.SIGALRM, lambda number, frame: stop.ask())
for number in range(50_000):
    stop = _Stop()
    signal.setitimer(signal.ITIMER_REAL, 2e-6 + number % 60 * 2e-7)
    while not stop.wait(1e-7):
        pass
print("ended")
"""


def test_a_signal_at_any_moment_of_the_wait_is_heard():
    """Fifty thousand signals while the thread that waits takes or leaves its lock: each ends the wait."""
    answer = subprocess.run([sys.executable, "-c", STORM], capture_output=True, text=True, timeout=60, check=False)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "ended\n", "")
