import os
from collections.abc import Callable
from pathlib import Path

import pytest

from connector.settings.faults import Fault
from connector.settings.toml_file import read_toml

KINDS = {"a folder": os.mkdir, "a named pipe": os.mkfifo}


@pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, make: Callable[[Path], object]) -> None:
    """A folder, and a pipe that would be waited for, is said to be no file."""
    make(tmp_path / "connector.toml")
    faults: list[Fault] = []
    assert read_toml(tmp_path / "connector.toml", faults, "name another") is None
    assert [(fault.line, fault.message) for fault in faults] == [(0, "cannot be read: it is no file; name another")]
