"""Every folder of tests/broken_exports is one fault of an export or of a directory, with the message it must give."""

import shutil
from pathlib import Path

import pytest

from tests.cli.command import trackone

BROKEN = Path(__file__).parents[1] / "broken_exports"
CASES = sorted(path for path in BROKEN.iterdir() if path.name[:2].isdigit())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fault_is_named_and_nothing_is_written(case: Path, tmp_path: Path) -> None:
    """`sync` ends with exactly that exit code and those lines; nobody gets an account, and no run is recorded."""
    folder = shutil.copytree(BROKEN / "base", tmp_path / "school")
    shutil.copytree(case, folder, dirs_exist_ok=True)
    answer = trackone("--quiet", "sync", folder=folder)
    said = answer.err.replace(f"{folder}/", "").replace(f"{folder}\\", "")
    assert f"exit code {answer.code}\n{said}" == (case / "message.txt").read_text("utf-8")
    assert answer.data == b""
    assert len(said.splitlines()) <= 3
    assert trackone("accounts", "export", "--format", "json", folder=folder).out == "[\n]\n"
    assert trackone("runs", "list", "--format", "json", folder=folder).out == "[]\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_plan_stops_at_the_same_fault(case: Path, tmp_path: Path) -> None:
    """`plan` ends with the same exit code; a read that failed leaves no plan file."""
    folder = shutil.copytree(BROKEN / "base", tmp_path / "school")
    shutil.copytree(case, folder, dirs_exist_ok=True)
    before = {path.name for path in folder.iterdir()}
    answer = trackone("--quiet", "plan", "-o", "plan.json", folder=folder)
    expected = (case / "message.txt").read_text("utf-8")
    assert f"exit code {answer.code}" == expected.splitlines()[0]
    written = {path.name for path in folder.iterdir()} - before
    assert ("plan.json" in written) is (answer.code == 3)
    assert written <= {"plan.json", "trackone.db.key"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_check_says_what_a_plan_says(case: Path, tmp_path: Path) -> None:
    """`check --connect` ends with a plan's exit code and names the same fault; a directory it cannot read is 1."""
    folder = shutil.copytree(BROKEN / "base", tmp_path / "school")
    shutil.copytree(case, folder, dirs_exist_ok=True)
    answer = trackone("check", "--connect", folder=folder)
    first, *told = (case / "message.txt").read_text("utf-8").splitlines()
    unread = "-directory-" in case.name
    assert answer.code == (1 if unread else int(first.rpartition(" ")[2]))
    fault = next(line for line in told if "The guard refused" not in line).split("(")[0].removeprefix("trackone: ")
    assert unread or " ".join(fault.split()) in " ".join(answer.out.split())


def test_there_are_many_broken_exports() -> None:
    """The folder holds at least thirty faults, and no folder lacks its message."""
    assert len(CASES) >= 30
    assert [case.name for case in CASES if not (case / "message.txt").is_file()] == []
