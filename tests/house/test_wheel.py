"""What is installed is what was tested: the wheel holds all that the command needs."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
START = "import connector; print(connector.__file__); from connector.cli.main import main; main()"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The wheel of this tree, unpacked into a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    built = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(built, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_every_file_of_the_package(unpacked):
    """Modules, templates, migrations, word lists, and the mappings and configuration that init lays down."""
    packed = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    package = {path for path in (ROOT / "connector").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    mappings = {path for path in (ROOT / "mappings").rglob("*") if path.is_file()}
    wanted = {path.relative_to(ROOT).as_posix() for path in package}
    wanted |= {f"connector/_mappings/{path.relative_to(ROOT / 'mappings').as_posix()}" for path in mappings}
    assert wanted | {"connector/_connector.toml"} <= packed
    assert {name for name in packed if name.startswith("tests/")} == set()
    assert any(name.endswith("licenses/LICENSE") for name in packed)


def test_the_wheel_lays_down_a_school_and_runs_it(unpacked, tmp_path):
    """init, check and demo work from the wheel alone, away from the source tree."""
    environ = {**os.environ, "PYTHONPATH": str(unpacked)}
    for words in (("init", "--sis", "tass"), ("check",), ("--quiet", "demo", "college", "--students", "60")):
        command = [sys.executable, "-P", "-c", START, *words]
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b""), words
        assert done.stdout.decode().startswith(str(unpacked))
    assert (tmp_path / "college" / "alignment.html").is_file()
