from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.domain.errors import ConfigError
from connector.domain.limits import DirectoryRules, GuardLimits
from connector.domain.ruleset import RuleSet, SecretRef
from connector.settings.load import load_settings
from connector.settings.values import DirectoryAttributes, DirectorySettings, Settings, SisSettings, StoreSettings

ROOT = Path(__file__).parents[2]
WHOLE = ROOT / "tests" / "data" / "settings" / "whole.toml"
PASSWORD = {"TRACKONE_LDAP_PASSWORD": "a secret"}
DIRECTORY = '[directory]\nurl = "ldaps://dc1.school.example"\nbase = "OU=Students,DC=school"\n'


def school(folder: Path, config: str = "", mapping: str = "") -> Path:
    """A school's folder with these two files; the connector.toml."""
    (folder / "mappings").mkdir(exist_ok=True)
    (folder / "mappings" / "students.toml").write_text(mapping, encoding="utf-8")
    path = folder / "connector.toml"
    path.write_text(config, encoding="utf-8")
    return path


def load(folder: Path, config: str = "", mapping: str = "", **environ: str) -> Settings:
    """The Settings of these two files."""
    return load_settings(school(folder, config, mapping), environ)


def refusal(folder: Path, config: str = "", mapping: str = "", **environ: str) -> str:
    """The message with which these two files are refused; paths as seen from the folder."""
    with pytest.raises(ConfigError) as caught:
        load(folder, config, mapping, **environ)
    return str(caught.value).replace(f"{folder}/", "")


def test_empty_files_give_the_defaults(tmp_path: Path) -> None:
    """What nobody wrote is what the frozen values say."""
    settings = load(tmp_path)
    assert settings.guard == GuardLimits()
    assert settings.directory is None
    assert replace(settings.sis, preset_options={}) == SisSettings(path=tmp_path / "students.csv")
    url, key = f"sqlite:///{tmp_path / 'trackone.db'}", tmp_path / "trackone.key"
    assert settings.store == StoreSettings(url, key_file=key)
    assert replace(settings.rules, fingerprint="", path="") == RuleSet()
    assert settings.warnings == ()


def test_bare_directory_gives_the_defaults(tmp_path: Path) -> None:
    """A directory with its address and base only is read by the values' own defaults."""
    directory = load(tmp_path, DIRECTORY).directory
    expected = DirectorySettings(url="ldaps://dc1.school.example", bases=("OU=Students,DC=school",))
    assert directory == expected


def test_whole_configuration_loads(tmp_path: Path) -> None:
    """Every section is read; paths become absolute, the preset lies under the school's own words."""
    settings = load(tmp_path, WHOLE.read_text(encoding="utf-8"), **PASSWORD)
    assert settings.school.state == "QLD"
    assert settings.guard.max_archives == 12.5
    assert settings.sis.path == tmp_path / "students.csv"
    assert settings.sis.columns["sis_code"] == ("StudentCode",)
    assert settings.sis.columns["family_name"] == ("surname",)
    assert settings.sis.columns["house"] == ()
    assert settings.sis.date_formats == ("%d/%m/%Y", "%Y-%m-%d")
    assert settings.directory == DirectorySettings(
        url="ldaps://dc1.school.example",
        bases=("OU=Students,DC=school,DC=example",),
        bind_dn="CN=svc-trackone,OU=Service,DC=school,DC=example",
        bind_password=SecretRef(env="TRACKONE_LDAP_PASSWORD"),
        ca_file=tmp_path / "school-ca.pem",
        attributes=DirectoryAttributes("sAMAccountName", "employeeID"),
        rules=DirectoryRules("require", "auto", "OU=Year {year},OU=Students"),
    )


def test_unused_keys_are_pointed_out(tmp_path: Path) -> None:
    """Keys of another reader are no fault, but the settings say that they do nothing."""
    warnings = load(tmp_path, WHOLE.read_text(encoding="utf-8"), **PASSWORD).warnings
    assert warnings == (
        '[sis] url is not used with reader = "csv"; take it out or change the reader',
        '[sis] query is not used with reader = "csv"; take it out or change the reader',
    )


def test_words_of_the_school_stand_over_the_preset(tmp_path: Path) -> None:
    """A status word the school names moves from where the preset had it; the preset's others stay."""
    status = load(tmp_path, WHOLE.read_text(encoding="utf-8"), **PASSWORD).sis.status
    assert status == {
        "active": ("current", "past", "a"),
        "future": ("future",),
        "inactive": ("noncurrent",),
        "left": ("l", "left"),
    }


def test_column_of_the_school_is_no_longer_optional(tmp_path: Path) -> None:
    """A column the school names itself must be there, so it leaves the preset's optional ones."""
    sis = load(tmp_path, '[sis]\npreset = "tass"\n[sis.columns]\nhouse = "House"\n').sis
    optional = sis.preset_options["optional"]
    assert isinstance(optional, dict)
    assert "house" not in optional
    assert optional["email"] == ("e_mail", "email_address", "email")


def test_keys_of_the_school_stand_over_the_preset(tmp_path: Path) -> None:
    """[sis] keeps what it says itself, even where that is the default."""
    config = '[sis]\npreset = "edumate"\nhtml_unescape = false\n'
    assert load(tmp_path, '[sis]\npreset = "edumate"\n').sis.html_unescape is True
    assert load(tmp_path, config).sis.html_unescape is False


def test_preset_says_the_reader(tmp_path: Path) -> None:
    """A preset for another reader than csv chooses that reader, unless the school does."""
    assert load(tmp_path, '[sis]\npreset = "oneroster"\n').sis.reader == "oneroster"
    assert load(tmp_path, '[sis]\npreset = "oneroster"\nreader = "csv"\n').sis.reader == "csv"


def test_oneroster_needs_no_preset(tmp_path: Path) -> None:
    """The OneRoster reader gets the standard's date formats by itself."""
    sis = load(tmp_path, '[sis]\nreader = "oneroster"\npath = "oneroster.zip"\n').sis
    assert "%Y-%m-%dT%H:%M:%SZ" in sis.date_formats
    assert sis.preset == ""


def test_own_preset_stands_before_the_packaged_one(tmp_path: Path) -> None:
    """A preset beside connector.toml comes before the packaged one; a path is taken as given."""
    config = school(tmp_path, '[sis]\npreset = "tass"\n')
    own = tmp_path / "mappings" / "sis" / "tass.toml"
    own.parent.mkdir()
    own.write_text('[columns]\nsis_code = "Mine"\n', encoding="utf-8")
    assert load_settings(config, {}).sis.columns == {"sis_code": ("Mine",)}
    config.write_text('[sis]\npreset = "mappings/sis/tass.toml"\n', encoding="utf-8")
    assert load_settings(config, {}).sis.columns == {"sis_code": ("Mine",)}


def test_fault_in_a_preset_names_the_preset(tmp_path: Path) -> None:
    """A preset's fault is told with the preset's own file and line."""
    school(tmp_path)
    (tmp_path / "mine.toml").write_text('[columns]\nsis_cod = "Code"\n', encoding="utf-8")
    message = refusal(tmp_path, '[sis]\npreset = "mine.toml"\n')
    assert message == "mine.toml:2: [columns] sis_cod: unknown key; did you mean sis_code?"


def test_every_packaged_preset_loads(tmp_path: Path) -> None:
    """Each preset that comes with the product can be named in connector.toml."""
    names = [path.stem for path in (ROOT / "mappings" / "sis").glob("*.toml")]
    assert "tass" in names
    for name in names:
        assert load(tmp_path, f'[sis]\npreset = "{name}"\n').sis.preset == name


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///trackone.db", "sqlite:///{folder}/trackone.db"),
        ("sqlite:///data/t.db?timeout=5", "sqlite:///{folder}/data/t.db?timeout=5"),
        ("sqlite:////var/lib/trackone.db", "sqlite:////var/lib/trackone.db"),
        ("postgresql+psycopg://db.school.example/trackone", "postgresql+psycopg://db.school.example/trackone"),
    ],
)
def test_store_url_is_seen_from_the_file(tmp_path: Path, url: str, expected: str) -> None:
    """A relative SQLite file lies beside connector.toml; every other address stays as it is."""
    assert load(tmp_path, f'[store]\nurl = "{url}"\n').store.url == expected.format(folder=tmp_path)


def test_ldif_file_is_seen_from_the_file(tmp_path: Path) -> None:
    """An LDIF export lies beside connector.toml; it needs neither base nor password."""
    config = '[directory]\nurl = "ldif:export.ldif"\n'
    directory = load(tmp_path, config).directory
    assert directory is not None
    assert directory.url == f"ldif:{tmp_path / 'export.ldif'}"


def test_password_of_an_export_is_not_looked_for(tmp_path: Path) -> None:
    """With an LDIF export in place of the server, the bind password need not be set."""
    secret = 'bind_dn = "CN=a"\nbind_password = { env = "NO_SUCH_VARIABLE" }\n'
    assert load(tmp_path, f'[directory]\nurl = "ldif:export.ldif"\n{secret}').directory is not None


def test_default_password_must_be_there(tmp_path: Path) -> None:
    """With one password for all, its absence is known before anything is read; otherwise nobody asks for it."""
    password = '[passwords]\nmethod = "{}"\ndefault = {{ env = "SCHOOL_PASSWORD" }}\n'
    message = refusal(tmp_path, mapping=password.format("default"))
    expected = "the environment variable SCHOOL_PASSWORD is not set; put the password or key into it"
    assert message == f"mappings/students.toml: [passwords] default: {expected}"
    assert load(tmp_path, mapping=password.format("default"), SCHOOL_PASSWORD="x").rules.passwords.method == "default"
    assert load(tmp_path, mapping=password.format("random")).rules.passwords.method == "random"


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Faults of connector.toml and of the mapping file come together, connector.toml's first, lines in order."""
    config = '[guard]\nmax_archives = 10\n[sis]\nraeder = "csv"\n'
    assert refusal(tmp_path, config, '[scope]\nmissing = "delete"\n').splitlines() == [
        'connector.toml:2: [guard] max_archives: expected a percentage in quotes from "0%" to "100%", not 10',
        "connector.toml:4: [sis] raeder: unknown key; did you mean reader?",
        'mappings/students.toml:2: [scope] missing: "delete" is not one of report, archive',
    ]


def test_faults_beyond_twenty_are_counted(tmp_path: Path) -> None:
    """A hopeless file gives twenty lines and the number of the others."""
    lines = refusal(tmp_path, "[sis]\n" + "".join(f"wrong_{n} = 1\n" for n in range(25))).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "... and 5 more"


def test_roles_of_the_store_bind_the_mapping(tmp_path: Path) -> None:
    """A role that [store] roles does not list is refused with the nearest one it does."""
    config = '[store]\nroles = ["Student Security", "Student Portal", "Boarders"]\n'
    mapping = '[roles]\nstudent_roles = ["Boarder"]\n'
    message = refusal(tmp_path, config, mapping)
    expected = '[roles] student_roles: "Boarder" is not in [store] roles; did you mean "Boarders"?'
    assert message == f"mappings/students.toml:2: {expected}"


def test_state_decides_the_bare_k(tmp_path: Path) -> None:
    """K in the mapping file is the year before Year 1 in New South Wales, the year before that elsewhere."""
    mapping = '[scope]\nyear_levels = ["K-1"]\n'
    assert load(tmp_path, '[school]\nstate = "nsw"\n', mapping).rules.scope.year_levels == {"P", "1"}
    assert load(tmp_path, '[school]\nstate = "QLD"\n', mapping).rules.scope.year_levels == {"K", "P", "1"}


def test_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    """Without a connector.toml the message names it and the command that makes one."""
    with pytest.raises(ConfigError, match=r"connector\.toml: there is no such file; make one with `trackone init`"):
        load_settings(tmp_path / "connector.toml", {})


def test_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    """A folder given as configuration is a configuration error, not a crash."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path, {})


def test_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    """A file saved by a Windows editor is read, and its lines are still counted right."""
    config = school(tmp_path)
    config.write_bytes(b'\xef\xbb\xbf[school]\r\nname = "St Mary\'s"\r\n')
    assert load_settings(config, {}).school.name == "St Mary's"
    config.write_bytes(b"\xef\xbb\xbf[school]\r\nnam = 1\r\n")
    with pytest.raises(ConfigError, match=r"connector\.toml:2: \[school\] nam"):
        load_settings(config, {})


def test_extra_columns_are_those_the_rules_read(tmp_path: Path) -> None:
    """Columns that only the rules name are handed to the reader, each once."""
    mapping = """
[usernames]
method = "column"
column = "NetworkID"
[[usernames.rule]]
when = { "field.Boarding" = "Y" }
method = "student_code"
[[roles.rule]]
name = "boarders"
when = { any = [{ field.Boarding = "Y" }, { not = { field."Home State" = ["QLD"] } }] }
grant = ["Student Portal"]
"""
    assert load(tmp_path, mapping=mapping).sis.extra_columns == ("NetworkID", "Boarding", "Home State")


@pytest.mark.parametrize(
    ("config", "mapping", "warning"),
    [
        (
            "",
            '[[roles.rule]]\nname = "a"\nwhen = { ldap_group = "CN=A" }\ngrant = ["Student Portal"]\n',
            "role rules ask for directory groups; without [directory] in connector.toml they give nothing",
        ),
        (
            "",
            '[[roles.rule]]\nname = "a"\nwhen = { flag = "Boarder" }\ngrant = ["Student Portal"]\n',
            "role rules ask for flags (Boarder); name their columns in [sis.columns] flags",
        ),
        ("", '[scope]\nyear_levels = ["K-6"]\n', "rules name year level K; set [school] state"),
        (DIRECTORY, "", "[directory] bind_dn is not set: the directory is read anonymously"),
        (
            '[directory]\nurl = "ldap://localhost"\nbase = "DC=a"\nallow_plaintext = true\n',
            "",
            "[directory] allow_plaintext sends the password in clear",
        ),
        (
            '[store]\nurl = "postgresql+psycopg://trackone:pw@db/trackone"\n',
            "",
            "[store] url holds a password that everybody who reads the file sees; set TRACKONE__STORE__URL instead",
        ),
        ("", '[usernames]\nmethod = "cohort_initial_surname"\n', "set [school] school_year"),
        ("", '[usernames]\nmethod = "given_initial"\nsuffix = ".s{cohort2}"\n', "set [school] school_year"),
        (
            "",
            '[[usernames.rule]]\nwhen = { year = "7" }\nmethod = "template"\ntemplate = "{cohort}{code}"\n',
            "set [school] school_year",
        ),
        ("[sis]\nas_of = 2026-02-01\n", "", "[sis] as_of = 2026-02-01 judges every run by that day"),
    ],
)
def test_what_a_school_should_decide_is_a_warning(tmp_path: Path, config: str, mapping: str, warning: str) -> None:
    """A valid but doubtful configuration loads and says what to look at."""
    assert any(warning in line for line in load(tmp_path, config, mapping).warnings)


def test_a_school_year_settles_what_year_names_hold(tmp_path: Path) -> None:
    """With the school year said, names that hold the year of finishing are as they are meant."""
    mapping = '[usernames]\nmethod = "cohort_initial_surname"\n'
    assert load(tmp_path, "[school]\nschool_year = 2026\n", mapping).warnings == ()


def test_password_in_an_address_from_the_environment_is_no_warning(tmp_path: Path) -> None:
    """An address with a password that comes from the environment is in no file, so nothing is said."""
    url = "postgresql+psycopg://trackone:pw@db/trackone"
    settings = load(tmp_path, TRACKONE__STORE__URL=url)
    assert settings.store.url == url
    assert settings.warnings == ()


def test_spans_are_read(tmp_path: Path) -> None:
    """Spans of time are spelt with their unit."""
    sis = load(tmp_path, '[sis]\nmin_age = "90m"\nmax_age = "2w"\n').sis
    assert (sis.min_age, sis.max_age) == (timedelta(minutes=90), timedelta(weeks=2))


def test_password_never_stands_in_a_message(tmp_path: Path) -> None:
    """A secret written in the wrong place is refused without being repeated."""
    for secret in ('"hunter2-secret"', "20817421", '["hunter2-secret"]'):
        message = refusal(tmp_path, f'{DIRECTORY}bind_dn = "CN=a"\nbind_password = {secret}\n')
        assert "hunter2" not in message
        assert "20817421" not in message


def test_a_postgresql_store_has_schema_password_and_key(tmp_path: Path) -> None:
    """What the URL of a PostgreSQL store does not say is found beside it; the password shows in no repr."""
    (tmp_path / "secret").write_text("sesame\n")
    more = 'schema_name = "riverside"\npassword = { file = "secret" }\nkey_file = "keys/plan.key"\n'
    store = load(tmp_path, f'[store]\nurl = "postgresql+psycopg://trackone@db.example/trackone"\n{more}').store
    assert (store.schema_name, store.password, store.key_file) == ("riverside", "sesame", tmp_path / "keys/plan.key")
    assert "sesame" not in repr(store)
