"""A small school with a console."""

from pathlib import Path

import pytest

from tests.cli.command import in_memory
from tests.console.browser import chromium, copied, demo_school, join, served
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


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The school of `trackone demo`, made once; tests take copies of it."""
    return demo_school(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def browser():
    """Chromium, started once for a file: Playwright runs once at a time in a process."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def shared(demo, browser, tmp_path_factory):
    """A console that tests share, with an operator; `shared.state` is what their browser carries."""
    with served(copied(demo, tmp_path_factory.mktemp("shared") / "school")) as running:
        context = browser.new_context()
        join(context.new_page(), running.link)
        running.state = context.storage_state()
        context.close()
        yield running


@pytest.fixture
def page(browser, request):
    """A window of its own; signed in, where the test uses the shared console."""
    state = request.getfixturevalue("shared").state if "shared" in request.fixturenames else None
    context = browser.new_context(viewport={"width": 1280, "height": 860}, storage_state=state)
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def console(demo, tmp_path):
    """A console on a copy of the school, as a process of its own."""
    with served(copied(demo, tmp_path / "school")) as running:
        yield running
