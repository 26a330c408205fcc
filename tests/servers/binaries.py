"""Finds the programs that tests start; Debian keeps servers where an ordinary user's PATH does not look."""

import os
import shutil
from pathlib import Path

import pytest

PLACES = ("/usr/sbin", "/usr/local/sbin", "/sbin", "/usr/libexec")


def found(name: str) -> str | None:
    """Where a program is, or None."""
    return shutil.which(name) or shutil.which(name, path=os.pathsep.join(PLACES))


def needed(*names: str) -> None:
    """Skip the test where a program is missing; on CI, where nothing may be missing, fail it."""
    missing = [name for name in names if found(name) is None]
    if missing:
        refuse(f"not installed: {', '.join(missing)} (tests/provision.sh installs them)")


def refuse(reason: str) -> None:
    """Skip the test with the reason; on CI fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def program(name: str) -> str:
    """The path of a program that `needed` has seen."""
    path = found(name)
    assert path is not None, name
    return str(Path(path))
