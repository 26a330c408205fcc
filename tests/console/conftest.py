"""A small school with a console."""

from pathlib import Path

import pytest

from tests.cli.command import in_memory
from tests.console.visits import Office
from tests.services.school import School, row

RULES = """\
# Our rules, agreed with the network people.
[scope]
overwrite = false  # for now

[usernames]
method = "student_code"

[passwords]
method = "none"
"""
PEOPLE = [
    row("S0101", "Amelia", "Quillfeather", middle_name="Rose", email="amelia.q@mail.example", year_level="7"),
    row("S0102", "Alaric", "Quillfeather", email="alaric.q@mail.example", year_level="8"),
    row("S0103", "Bodhi", "Nguyen-Ashworth", email="bodhi.n@mail.example", year_level="12"),
    row("S0104", "Zoë", "Brontë", middle_name="Wilhelmina", preferred_name="Zozo", year_level="9"),
]


@pytest.fixture
def tmp_path():
    """A folder in memory, where the system has one: every run waits for its disk."""
    with in_memory() as folder:
        yield Path(folder)


@pytest.fixture
def school(tmp_path):
    """Four students and rules that give them their codes."""
    made = School(tmp_path, RULES)
    made.write(PEOPLE)
    return made


@pytest.fixture
def office(school):
    """The school's console."""
    return Office(school)


@pytest.fixture
def operator(office):
    """A browser with an operator signed in."""
    return office.operator()
