"""The invented export that a sync is measured on."""

import csv
from pathlib import Path

from bench.people import HEADER, write


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_same_rows_every_time(tmp_path: Path) -> None:
    """Two exports of one size are equal, so that measurements of two days are of the same thing."""
    write(tmp_path / "one.csv", 500)
    write(tmp_path / "two.csv", 500)
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_codes_and_addresses_are_unique(tmp_path: Path) -> None:
    """No code and no e-mail comes twice: the floor's unique indexes take every row."""
    write(tmp_path / "one.csv", 5000)
    rows = _rows(tmp_path / "one.csv")
    assert tuple(rows[0]) == HEADER
    assert len({row["sis_code"] for row in rows}) == len({row["email"] for row in rows}) == 5000


def test_one_per_cent_changes(tmp_path: Path) -> None:
    """The changed export differs in the preferred name of every hundredth student, and in nothing else."""
    write(tmp_path / "before.csv", 1000)
    write(tmp_path / "after.csv", 1000, changed=True)
    pairs = zip(_rows(tmp_path / "before.csv"), _rows(tmp_path / "after.csv"), strict=True)
    changed = [{key for key in HEADER if one[key] != other[key]} for one, other in pairs if one != other]
    assert changed == [{"preferred_name"}] * 10
