"""What docs/unattended.md gives to copy works as it stands."""

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from connector.cli.main import cli
from connector.domain.operation import Attempt, Ending, Health
from connector.report.metrics import probe

PAGE = (Path(__file__).parents[2] / "docs" / "unattended.md").read_text("utf-8")
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def blocks(kind):
    """The blocks of code of a kind, in order."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def options(words):
    """Whether the command line knows these words."""
    command = cli.get_command(None, words[0])
    return command is not None and all(
        any(word in param.opts for param in command.params) for word in words[1:] if word.startswith("-")
    )


def test_systemd_takes_the_units(tmp_path):
    """Checked by systemd itself, with this machine's paths and user in place of the school's."""
    checker = shutil.which("systemd-analyze")
    if checker is None:
        pytest.skip("no systemd-analyze here")
    names = ["trackone-run.service", "trackone-sync.service", "trackone-sync.timer"]
    units = blocks("ini")
    assert len(units) == len(names)
    for name, unit in zip(names, units, strict=True):
        text = unit.replace("/srv/trackone/venv/bin/trackone", sys.executable).replace("User=trackone", "User=root")
        (tmp_path / name).write_text(text)
        assert f"/etc/systemd/system/{name}" in PAGE
    paths = [str(tmp_path / name) for name in names]
    done = subprocess.run([checker, "verify", "--man=no", *paths], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "trackone" in line]
    assert (done.returncode, said) == (0, [])


def test_the_service_starts_what_there_is():
    """Every command of the units, of cron and of the task is one that the command line knows."""
    cron, task = blocks("cron")[0], blocks("xml")[0]
    lines = [*re.findall(r"^ExecStart=(.*)$", "".join(blocks("ini")), re.MULTILINE), cron, task]
    found = [
        re.search(r"connector\.toml((?: --quiet| --log-json)*) (sync|run)((?: --\w+ \w+)*)", line) for line in lines
    ]
    assert all(found)
    for match in found:
        assert all(any(word in param.opts for param in cli.params) for word in match[1].split())
        assert options([match[2], *match[3].split()])


def test_cron_has_its_fields():
    """Five of time, then the user, then the command (crontab(5), /etc/cron.d)."""
    line = blocks("cron")[0].splitlines()[1].split()
    assert all(re.fullmatch(r"[\d*]+", field) for field in line[:5])
    assert line[5] == "trackone"


def test_cron_hands_the_secrets_on(tmp_path):
    """The shell that cron starts gives the command what the file of secrets says, character for character."""
    (tmp_path / "env").write_text("SECRET='pa ss$x'\n", "utf-8")
    command = tmp_path / "command"
    command.write_text('#!/bin/sh\necho "$SECRET" "$@"\n', "utf-8")
    command.chmod(0o755)
    line = blocks("cron")[0].splitlines()[1].split(maxsplit=6)[6]
    line = line.replace("/etc/trackone/riverside.env", f"{tmp_path}/env")
    line = line.replace("/srv/trackone/venv/bin/trackone", str(command))
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.stdout == "pa ss$x -c /srv/trackone/riverside/connector.toml --quiet sync\n"


def test_the_task_is_in_the_order_of_its_schema():
    """Well-formed, in the namespace and the element order of [MS-TSCH] 2.5, and never twice at once."""
    task = ElementTree.fromstring(blocks("xml")[0])  # noqa: S314 - our own page
    assert [child.tag.removeprefix(TASK) for child in task] == [
        "RegistrationInfo",
        "Triggers",
        "Principals",
        "Settings",
        "Actions",
    ]
    trigger = task.find(f"{TASK}Triggers/{TASK}CalendarTrigger")
    assert [child.tag.removeprefix(TASK) for child in trigger] == [
        "StartBoundary",
        "Enabled",
        "RandomDelay",
        "ScheduleByDay",
    ]
    assert task.findtext(f"{TASK}Settings/{TASK}MultipleInstancesPolicy") == "IgnoreNew"
    arguments = task.findtext(f"{TASK}Actions/{TASK}Exec/{TASK}Arguments")
    assert arguments.endswith('2>&1"')


def test_the_metrics_named_are_those_given():
    """Each metric of the page is given, each that is given stands on the page, with its label."""
    done = Attempt(NOW, NOW, "", "", Ending.DONE, 1)
    text = probe("/metrics", lambda: Health("1", "", done, done), NOW, trusted=True).body.decode()
    given = {(name, label) for name, label in re.findall(r"^(trackone_\w+)(?:\{(\w+)=)?", text, re.MULTILINE)}
    table = PAGE[PAGE.index("| metric |") : PAGE.index("```yaml")]
    assert set(re.findall(r"`(trackone_\w+)(?:\{(\w+)\})?`", table)) == given
    assert set(re.findall(r"\btrackone_\w+", blocks("yaml")[0])) <= {name for name, _ in given}
