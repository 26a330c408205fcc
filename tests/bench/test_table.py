"""The table that says whether a sync keeps its limits."""

from pathlib import Path

import pytest

from bench.floors import csv_pass, table_import
from bench.people import write
from bench.table import Measured, show

FAST = {"csv": 0.1, "import": 0.4, "first": 1.2, "same": 0.5, "changed": 0.6}
SMALL = {"first": 80.0, "same": 60.0, "changed": 60.0}


@pytest.mark.parametrize(
    ("seconds", "peaks", "over"),
    [
        ({}, {}, ""),
        ({"first": 2.5}, {}, "first sync"),
        ({"same": 0.61}, {}, "re-sync, no change"),
        ({"changed": 0.71}, {}, "re-sync, 1 % changed"),
        ({}, {"first": 601.0}, "first sync"),
        ({}, {"same": 201.0}, "re-sync, no change"),
    ],
)
def test_says_which_limit_is_passed(
    seconds: dict[str, float], peaks: dict[str, float], over: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line beyond its limit says over and the command ends with 1; all others say pass."""
    code = show([Measured(1000, 3, FAST | seconds, SMALL | peaks)], "test")
    said = [line for line in capsys.readouterr().out.splitlines() if "over" in line]
    assert code == (1 if over else 0)
    assert [line.startswith(over) for line in said] == ([True] if over else [])


def test_growth_is_held_to_its_limit(capsys: pytest.CaptureFixture[str]) -> None:
    """Ten times the students may take thirteen times as long, not fourteen."""
    ten_times = {name: 10 * taken for name, taken in FAST.items()}
    slow = ten_times | {"first": 1.4 * ten_times["first"], "import": 1.4 * ten_times["import"]}
    assert show([Measured(10, 3, FAST, SMALL), Measured(100, 1, ten_times, SMALL)], "test") == 0
    assert show([Measured(10, 3, FAST, SMALL), Measured(100, 1, slow, SMALL)], "test") == 1
    assert "1.40  over" in capsys.readouterr().out


def test_unknown_memory_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the system does not tell the peak, the table says n/a and passes."""
    assert show([Measured(1000, 3, FAST, dict.fromkeys(SMALL))], "test") == 0
    assert "n/a" in capsys.readouterr().out


def test_floors_take_time(tmp_path: Path) -> None:
    """Both floors read the whole export and say how long it took."""
    write(tmp_path / "students.csv", 200)
    assert csv_pass(tmp_path / "students.csv") > 0
    assert table_import(tmp_path / "students.csv", tmp_path) > 0
