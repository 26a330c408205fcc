"""Every folder of tests/broken holds one faulty file and the exact message it must give."""

import shutil
from pathlib import Path

import pytest

from connector.domain.errors import ConfigError
from connector.settings.load import load_settings
from connector.settings.mapping_file import load_rules

BROKEN = Path(__file__).parents[1] / "broken"
CASES = sorted(path for path in BROKEN.iterdir() if path.is_dir())


def _read(folder: Path) -> None:
    config = folder / "connector.toml"
    if config.exists():
        (folder / "mappings").mkdir()
        (folder / "mappings" / "students.toml").touch()
        load_settings(config, {})
    else:
        load_rules(folder / "students.toml")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fault_is_named_with_file_line_and_key(case: Path, tmp_path: Path) -> None:
    """A faulty file is refused with exactly the message beside it, as a configuration error."""
    folder = shutil.copytree(case, tmp_path / "school")
    with pytest.raises(ConfigError) as caught:
        _read(folder)
    message = str(caught.value).replace(f"{folder}/", "").replace(f"{folder}\\", "")
    assert message == (case / "message.txt").read_text(encoding="utf-8").rstrip("\n")
    assert caught.value.exit_code == 2


def test_there_are_many_broken_files() -> None:
    """The folder holds at least forty faults, and no folder lacks its message."""
    assert len(CASES) >= 40
    assert [case.name for case in CASES if not (case / "message.txt").is_file()] == []
