"""What the command says and exits with when a live directory server fails it."""

import subprocess
import sys
from pathlib import Path

import pytest

from connector.settings.load import load_settings
from tests.cli.command import process, trackone
from tests.servers.people import SERVICE_PASSWORD
from tests.servers.ports import free_port
from tests.servers.slapd import BLIND, HOST, READER, SUFFIX
from tests.services.school import School, row

pytestmark = pytest.mark.servers


@pytest.fixture
def school(tmp_path, slapd):
    """Lay down a school on the OpenLDAP server, with other keys of [directory] where given."""

    def school(*, policy="report", password=SERVICE_PASSWORD, **other):
        keys = {"url": slapd.tls_url, "base": f"ou=Students,{SUFFIX}", "ca_file": slapd.ca, "bind_dn": READER} | other
        text = "".join(f'{key} = "{value}"\n' for key, value in keys.items())
        (tmp_path / "password").write_text(password)
        made = School(
            tmp_path,
            more=f'[directory]\n{text}policy = "{policy}"\ntimeout = "3s"\nbind_password = {{ file = "password" }}\n',
        )
        made.write([row("S1001", "Amelia", "Smith"), row("S1002", "Zoë", "Dubois")])
        return made

    return school


BROKEN = {
    "wrong password": ({"password": "not-the-password"}, "the name or the password is wrong"),
    "nobody listens": ({"url": "nobody"}, "refuses the connection"),
    "no such base": ({"base": f"ou=Pupils,{SUFFIX}"}, "is not there"),
    "no rights": ({"bind_dn": BLIND}, "the account sees nothing"),
}


@pytest.mark.parametrize("command", ["align", "check --connect", "sync", "plan"])
@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_directory(school, what, command):
    """align and check end with 1, plan and sync with 3 where the directory decides; the cause is named."""
    keys, words = BROKEN[what]
    keys = {"url": f"ldaps://{HOST}:{free_port(HOST)}"} if keys.get("url") else keys
    made = school(policy="require", **keys)
    answer = trackone(*command.split(), folder=made.folder)
    assert answer.code == (1 if command in ("align", "check --connect") else 3)
    told = answer.out + answer.err
    assert words in told
    assert "Traceback" not in told
    assert "not-the-password" not in told
    if command == "align":
        assert len(answer.err.splitlines()) <= 3
    assert made.accounts() == {}


def test_a_whole_read_is_well(school):
    """The same school without a fault: everything ends with 0, and align finds who matches."""
    made = school()
    assert trackone("check", "--connect", folder=made.folder).code == 0
    assert trackone("sync", folder=made.folder).code == 0
    answer = trackone("align", folder=made.folder)
    assert answer.code == 0
    assert "asmith" not in answer.err


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"url": "ldap://dc1.school.example"}, "password in clear"),
        ({"url": "ldaps://dc1.school.example/dc=x"}, "nothing may follow the host"),
        ({"url": "ldaps://user:secret@dc1.school.example"}, "does not belong into it"),
        ({"ca_file": "missing.pem"}, "missing.pem: cannot be read"),
        ({"base": "cn=x,,dc=y"}, "not a DN"),
    ],
)
def test_a_configuration_that_is_refused(school, keys, words):
    """What must not be tried is a fault of the configuration, exit code 2."""
    answer = trackone("align", folder=school(**keys).folder)
    assert answer.code == 2
    assert words in " ".join(answer.err.split())
    assert "secret@" not in answer.err


def test_a_password_variable_that_is_not_set(school):
    """An unset password variable is told before anything is reached."""
    made = school()
    config = made.folder / "connector.toml"
    config.write_text(config.read_text().replace('{ file = "password" }', '{ env = "TRACKONE_NO_SUCH_PASSWORD" }'))
    answer = process("align", folder=made.folder)
    assert answer.code == 2
    assert "TRACKONE_NO_SUCH_PASSWORD" in answer.err


def test_only_a_read_pays_for_ldap3(school):
    """A command that does not read the directory does not load the library for it."""
    made = school()
    script = (
        "import sys; from pathlib import Path; from connector.bootstrap import build;"
        "from connector.settings.load import load_settings;"
        "build(load_settings(Path('connector.toml'), {}), {}); sys.exit('ldap3' in sys.modules)"
    )
    assert load_settings(made.folder / "connector.toml", {}).directory is not None
    root = str(Path(__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", script], cwd=made.folder, env={"PYTHONPATH": root}, check=False)
    assert done.returncode == 0
