from pathlib import Path

import pytest

from connector.domain.errors import ConfigError
from connector.domain.ruleset import SecretRef
from connector.settings.load import load_settings
from connector.settings.values import Settings


def load(folder: Path, config: str, **environ: str) -> Settings:
    """The Settings of that connector.toml under these variables."""
    (folder / "mappings").mkdir(exist_ok=True)
    (folder / "mappings" / "students.toml").touch()
    path = folder / "connector.toml"
    path.write_text(config, encoding="utf-8")
    return load_settings(path, environ)


def refusal(folder: Path, config: str = "", **environ: str) -> str:
    """The message with which it is refused."""
    with pytest.raises(ConfigError) as caught:
        load(folder, config, **environ)
    return str(caught.value)


def test_variable_stands_over_the_file(tmp_path: Path) -> None:
    """A value from the environment is taken in place of the file's."""
    settings = load(tmp_path, '[guard]\nmax_archives = "5%"\n', TRACKONE__GUARD__MAX_ARCHIVES="50%")
    assert settings.guard.max_archives == 50.0


@pytest.mark.parametrize(
    ("variable", "text", "read", "expected"),
    [
        ("TRACKONE__GUARD__MIN_POPULATION", "5", lambda s: s.guard.min_population, 5),
        ("TRACKONE__SIS__HTML_UNESCAPE", "true", lambda s: s.sis.html_unescape, True),
        ("TRACKONE__SCHOOL__NAME", "2024", lambda s: s.school.name, "2024"),
        ("TRACKONE__SCHOOL__NAME", '"quoted"', lambda s: s.school.name, "quoted"),
        ("TRACKONE__SCHOOL__NAME", "St Mary's", lambda s: s.school.name, "St Mary's"),
        ("TRACKONE__SCHOOL__NAME", "a = 1\nb = 2", lambda s: s.school.name, "a = 1\nb = 2"),
        ("TRACKONE__SIS__AS_OF", "2026-02-01", lambda s: s.sis.as_of, "2026-02-01"),
        ("TRACKONE__SIS__COLUMNS__SIS_CODE", "7", lambda s: s.sis.columns["sis_code"], ("7",)),
        ("TRACKONE__SIS__COLUMNS__SIS_CODE", '["A", "B"]', lambda s: s.sis.columns["sis_code"], ("A", "B")),
        ("TRACKONE__STORE__ROLES", '["Student Security"]', lambda s: s.store.roles, ("Student Security",)),
    ],
)
def test_value_is_read_as_the_key_takes_it(tmp_path, variable, text, read, expected) -> None:
    """TOML where it is TOML of the right kind, else the text as it stands."""
    assert read(load(tmp_path, "", **{variable: text})) == expected


def test_variables_alone_make_a_section(tmp_path: Path) -> None:
    """A section that the file lacks can come from the environment whole, nested keys included."""
    directory = load(
        tmp_path,
        "",
        TRACKONE__DIRECTORY__URL="ldaps://dc1.school.example",
        TRACKONE__DIRECTORY__BASE="DC=school",
        TRACKONE__DIRECTORY__ATTRIBUTES__KEY="employeeID",
        TRACKONE__DIRECTORY__BIND_DN="CN=reader",
        TRACKONE__DIRECTORY__BIND_PASSWORD__ENV="SECRET",
        SECRET="x",
    ).directory
    assert directory is not None
    assert directory.attributes.key == "employeeID"
    assert directory.bind_password == SecretRef(env="SECRET")


def test_other_variables_are_left_alone(tmp_path: Path) -> None:
    """Variables with one underscore are not the configuration's."""
    assert load(tmp_path, "", TRACKONE_LDAP_PASSWORD="x", TRACKONE_SIS_PATH="y").sis.path.name == "students.csv"


@pytest.mark.parametrize(
    ("variable", "step"),
    [
        ("TRACKONE__SIS__RAEDER", "did you mean TRACKONE__SIS__READER?"),
        ("TRACKONE__DIRECTORY__ATTRIBUTES__KEYS", "did you mean TRACKONE__DIRECTORY__ATTRIBUTES__KEY?"),
        ("TRACKONE__SIS", "expected TRACKONE__SECTION__KEY with a key of connector.toml"),
        ("TRACKONE__", "expected TRACKONE__SECTION__KEY with a key of connector.toml"),
        ("TRACKONE__SIS__PATH__MORE", "expected TRACKONE__SECTION__KEY with a key of connector.toml"),
        ("TRACKONE__DIRECTRY__URL", "did you mean TRACKONE__DIRECTORY__URL?"),
        ("TRACKONE__DIRECTORY__ATTRIBUTES", "expected TRACKONE__SECTION__KEY with a key of connector.toml"),
        ("TRACKONE__GUARD__FOO", "expected TRACKONE__SECTION__KEY with a key of connector.toml"),
    ],
)
def test_unknown_variable_is_refused(tmp_path: Path, variable: str, step: str) -> None:
    """A variable that names no key is an error that names the variable and the nearest one."""
    assert refusal(tmp_path, **{variable: "x"}) == f"{variable}: unknown key; {step}"


def test_wrong_value_names_the_variable(tmp_path: Path) -> None:
    """A value that the key does not take is told by the variable, not by the file."""
    message = refusal(tmp_path, "[guard]\nmin_population = 5\n", TRACKONE__GUARD__MIN_POPULATION="many")
    expected = 'expected a whole number, not "many"; e.g. min_population = 20'
    assert message == f"TRACKONE__GUARD__MIN_POPULATION: {expected}"


def test_password_itself_is_refused_in_a_variable_too(tmp_path: Path) -> None:
    """A bind password is named by its variable, never given as a key's value."""
    message = refusal(
        tmp_path,
        '[directory]\nurl = "ldaps://a"\nbase = "DC=a"\nbind_dn = "CN=a"\n',
        TRACKONE__DIRECTORY__BIND_PASSWORD="hunter2",
    )
    assert message.startswith("TRACKONE__DIRECTORY__BIND_PASSWORD: secrets are not kept")
    assert "hunter2" not in message


def test_variable_under_a_faulty_section_is_no_crash(tmp_path: Path) -> None:
    """Where the file has a value in place of a section, that is what is told."""
    message = refusal(tmp_path, "sis = 3\n", TRACKONE__SIS__PATH="x.csv")
    assert "expected a table of keys, not 3" in message
