"""The command at a real terminal: its width, its colours, its progress."""

import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest

from tests.cli.command import START, trackone
from tests.services.school import School, row

SEQUENCE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
MANY = [row(f"S{n:05}", f"Given{n % 97}", f"Family{n % 89}") for n in range(6_000)]


def at_a_terminal(folder: Path, *words: str, columns: int, **environ: str) -> str:
    """What the command writes to a terminal of that width, standard error included."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    kept = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR")}
    running = subprocess.Popen(
        [sys.executable, "-c", START, *words],
        cwd=folder,
        env={**kept, "TERM": "xterm-256color", **environ},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            more = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not more:
            break
        said += more
    running.wait(60)
    os.close(ours)
    return said.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [80, 100, 132])
def test_tables_fit_the_terminal(school, columns):
    """No line of a plan is wider than the terminal, but for a command that is to be copied whole."""
    text = SEQUENCE.sub("", at_a_terminal(school.folder, "plan", columns=columns))
    lines = [line for line in text.splitlines() if not line.startswith("Apply it: ")]
    assert any("aquillfeather" in line for line in lines)
    assert [line for line in lines if len(line) > columns] == []
    widest = max(map(len, lines))
    assert widest > 70


def test_colour_is_for_terminals_that_want_it(school):
    """A terminal gets colours, NO_COLOR takes them away, and a pipe never has them."""
    assert "\x1b[32m" in at_a_terminal(school.folder, "plan", columns=100)
    assert "\x1b[3" not in at_a_terminal(school.folder, "--quiet", "plan", columns=100, NO_COLOR="1")
    assert "\x1b" not in trackone("plan", folder=school.folder).out


def test_long_work_shows_progress_on_a_terminal_only(tmp_path):
    """A terminal sees what is being done and how far; a pipe and --quiet see nothing of it."""
    school = School(tmp_path)
    school.write(MANY)
    shown = at_a_terminal(tmp_path, "sync", "--dry-run", columns=100)
    assert re.search(r"(Reading the SIS|Deciding): [0-9,]+", shown)
    assert not re.search(
        "Starting|Deciding|Reading the SIS:", at_a_terminal(tmp_path, "--quiet", "plan", columns=100)
    )
    assert trackone("sync", "--dry-run", folder=tmp_path).err == ""
