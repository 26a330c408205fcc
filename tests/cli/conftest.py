"""A small school for the command to work on."""

from functools import partial
from pathlib import Path

import pytest

from tests.cli.command import in_memory, trackone
from tests.services.school import OVERWRITE, School, row

PEOPLE = [
    row("S1", "Amelia", "Quillfeather", email="amelia.q@mail.example", campus="North"),
    row("S2", "Alaric", "Quillfeather", email="alaric.q@mail.example", campus="South"),
    row("S3", "Bodhi", "Nguyen-Ashworth", email="bodhi.n@mail.example"),
    row("S10", "Zoë", "Brontë", middle_name="Wilhelmina", preferred_name="Zozo", email="zoe.b@mail.example"),
]


@pytest.fixture
def tmp_path():
    """A folder in memory, where the system has one: every run waits for its disk."""
    with in_memory() as folder:
        yield Path(folder)


@pytest.fixture
def school(tmp_path):
    """Four students, and rules that also change what is there."""
    made = School(tmp_path, OVERWRITE)
    made.write(PEOPLE)
    return made


@pytest.fixture
def run(school):
    """The command in the school's folder."""
    return partial(trackone, folder=school.folder)


@pytest.fixture
def synced(school, run):
    """The school after its first sync."""
    assert run("sync").code == 0
    return school


@pytest.fixture
def run_again(synced, run):  # noqa: ARG001 - only that it was synced
    """The command in the school's folder after its first sync."""
    return run
