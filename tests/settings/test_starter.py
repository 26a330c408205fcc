import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest

from connector.domain.errors import ConfigError, OperationError
from connector.settings.load import load_settings
from connector.settings.presets import packaged_mappings, preset_names
from connector.settings.starter import lay_down

PRESETS = preset_names(packaged_mappings())
SECRET = {"TRACKONE_LDAP_PASSWORD": "x"}


def test_what_is_laid_down_loads(tmp_path: Path) -> None:
    """A fresh folder holds connector.toml and a copy of the mappings, and is valid as it stands."""
    written = lay_down(tmp_path / "school", sis=None, directory_type=None)
    copies = {path.relative_to(tmp_path / "school").as_posix() for path in written}
    assert {"connector.toml", "mappings/students.toml", "mappings/sis/tass.toml"} <= copies
    assert all(path.is_file() for path in written)
    settings = load_settings(tmp_path / "school" / "connector.toml", {})
    assert settings.directory is None
    assert settings.sis.columns["sis_code"] == ("StudentCode",)


@pytest.mark.parametrize("preset", PRESETS)
def test_chosen_preset_is_in_use(tmp_path: Path, preset: str) -> None:
    """With a preset the columns are the preset's alone, and the reader is the one it is for."""
    lay_down(tmp_path, sis=preset, directory_type=None)
    sis = load_settings(tmp_path / "connector.toml", {}).sis
    assert sis.preset == preset
    assert sis.reader == ("oneroster" if preset == "oneroster" else "csv")
    assert "StudentCode" not in [header for headers in sis.columns.values() for header in headers]
    assert "on leave" not in [word for words in sis.status.values() for word in words]


@pytest.mark.parametrize(
    ("kind", "url", "kind_said", "login", "key"),
    [
        ("active-directory", "ldaps://ldap.school.example", "active-directory", "sAMAccountName", "employeeID"),
        ("openldap", "ldaps://ldap.school.example", "openldap", "uid", "employeeNumber"),
        ("ldif", "ldif:{folder}/directory.ldif", "auto", "", ""),
    ],
)
def test_chosen_directory_is_switched_on(
    tmp_path: Path, kind: str, url: str, kind_said: str, login: str, key: str
) -> None:
    """Each kind of directory gives a section that loads once the password is there."""
    lay_down(tmp_path, sis="tass", directory_type=kind)
    directory = load_settings(tmp_path / "connector.toml", SECRET).directory
    assert directory is not None
    assert directory.url == url.format(folder=tmp_path)
    assert directory.type == kind_said
    assert (directory.attributes.login, directory.attributes.key) == (login, key)


def test_only_what_was_chosen_differs_from_the_example(tmp_path: Path) -> None:
    """The comments of the example stay: only keys and sections change."""
    lay_down(tmp_path, sis="tass", directory_type="openldap")
    example = (Path(__file__).parents[2] / "connector.toml").read_text(encoding="utf-8").splitlines()
    ours = (tmp_path / "connector.toml").read_text(encoding="utf-8").splitlines()
    assert len(ours) == len(example)
    assert [line for line in ours if line.startswith("# ")] == [line for line in example if line.startswith("# ")]


@pytest.mark.parametrize("existing", ["connector.toml", "mappings/students.toml", "mappings/sis/tass.toml"])
def test_existing_file_is_never_touched(tmp_path: Path, existing: str) -> None:
    """One file that is there already stops everything, by its name, before anything is written."""
    (tmp_path / existing).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / existing).write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="is there already; nothing was written") as caught:
        lay_down(tmp_path, sis=None, directory_type=None)
    assert str(tmp_path / existing) in str(caught.value)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / existing]
    assert (tmp_path / existing).read_text(encoding="utf-8") == "mine"


def test_unknown_preset_names_the_nearest(tmp_path: Path) -> None:
    """A misspelt preset is a configuration error, and nothing is written."""
    with pytest.raises(ConfigError, match=r'there is no preset "tas"; did you mean tass\?'):
        lay_down(tmp_path / "school", sis="tas", directory_type=None)
    assert not (tmp_path / "school").exists()


def test_unknown_kind_of_directory_is_refused(tmp_path: Path) -> None:
    """A kind of directory there is no example for is a configuration error."""
    with pytest.raises(ConfigError, match="active-directory, openldap or ldif"):
        lay_down(tmp_path, sis=None, directory_type="novell")


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """Where a file stands in the folder's place, the failure names the path."""
    (tmp_path / "school").write_text("a file", encoding="utf-8")
    with pytest.raises(OperationError, match="school"):
        lay_down(tmp_path / "school", sis=None, directory_type=None)


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git to ask")
def test_secrets_and_data_are_kept_out_of_version_control(tmp_path: Path) -> None:
    """Git ignores what a run leaves in the folder, not the configuration; a .gitignore that is there stays."""
    lay_down(tmp_path, sis=None, directory_type=None)
    git = partial(subprocess.run, cwd=tmp_path, capture_output=True, text=True, check=True)
    git(["git", "init", "-q"])
    kept_out = ["trackone.db", "trackone.db-wal", "trackone.db.key", "trackone.db.lock", "students.csv", "plan.json"]
    for name in [*kept_out, "demo-school/students.csv"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    shown = git(["git", "status", "--porcelain", "-uall"]).stdout
    assert {line[3:] for line in shown.splitlines() if not line[3:].startswith("mappings/")} == {
        ".gitignore", "connector.toml",
    }  # fmt: skip
    other = tmp_path / "other"
    other.mkdir()
    (other / ".gitignore").write_text("mine\n")
    assert other / ".gitignore" not in lay_down(other, sis=None, directory_type=None)
    assert (other / ".gitignore").read_text() == "mine\n"
