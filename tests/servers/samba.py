"""A private Samba domain controller on a loopback address; it needs root, for ports below 1024."""

import json
import os
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.servers.authority import Authority
from tests.servers.binaries import program, refuse
from tests.servers.people import GROUPS, PEOPLE, SERVICE_PASSWORD
from tests.servers.ports import wait_for_port

NAME = "dc1.school.test"
BASE = "DC=school,DC=test"
STUDENTS = f"OU=Students,OU=School,{BASE}"
ADMIN, ADMIN_PASSWORD = "administrator@school.test", "Passw0rd-Test1"
READER = f"CN=svc-reader,OU=Service,OU=School,{BASE}"
SERVICES = ("svc-reader", "svc-disabled", "svc-expired", "svc-change", "svc-locked")

_SYSTEM_PYTHON = "/usr/bin/python3"  # the one that has Samba's modules
_FILL = Path(__file__).with_name("samba_fill.py")


class Samba:
    """A provisioned domain with the people of the test school, or those of a `wish` for samba_school.py."""

    def __init__(self, authority: Authority, wish: str = "") -> None:
        if os.geteuid() != 0:
            refuse("a domain controller needs root, for its ports")
        self._temporary = tempfile.TemporaryDirectory(prefix="samba-")
        self.folder = Path(self._temporary.name)
        self.host = _free_address()
        self.ca = authority.file
        self.url, self.tls_url = f"ldap://{self.host}", f"ldaps://{self.host}"
        self._process: subprocess.Popen[bytes] | None = None
        self._provision(*authority.sign("dc1", (f"DNS:{NAME}", f"IP:{self.host}")))
        if wish:
            _run(_SYSTEM_PYTHON, "-I", str(_FILL.with_name("samba_school.py")), str(self._conf), text=wish)
        else:
            self._fill()

    def _provision(self, certificate: Path, key: Path) -> None:
        empty = self.folder / "empty.conf"
        empty.write_text("[global]\n")
        _run(
            program("samba-tool"), "domain", "provision", f"--configfile={empty}", f"--targetdir={self.folder}/dc",
            "--realm=SCHOOL.TEST", "--domain=SCHOOL", "--server-role=dc", "--dns-backend=NONE",
            f"--adminpass={ADMIN_PASSWORD}", "--host-name=dc1", f"--host-ip={self.host}",
            f"--option=interfaces={self.host}/8", "--option=bind interfaces only=yes",
        )  # fmt: skip
        self._conf = self.folder / "dc/etc/smb.conf"
        lines = [one for one in self._conf.read_text().splitlines() if not one.strip().startswith("server services")]
        at = lines.index("[global]") + 1
        lines[at:at] = [
            "tls enabled = yes",
            f"tls keyfile = {key}",
            f"tls certfile = {certificate}",
            f"tls cafile = {self.ca}",
            "ldap server require strong auth = yes",
            f"pid directory = {self.folder}",
            f"ncalrpc dir = {self.folder}/ncalrpc",
            f"ntp signd socket directory = {self.folder}/ntp",
            f"winbindd socket directory = {self.folder}/wb",
            f"log file = {self.folder}/log.%m",
            "server services = ldap",
        ]
        self._conf.write_text("\n".join(lines) + "\n")

    def _fill(self) -> None:
        wish = {
            "people": [one._asdict() | {"mail": one.mail} for one in PEOPLE],
            "groups": GROUPS,
            "services": SERVICES,
            "password": SERVICE_PASSWORD,
        }
        _run(_SYSTEM_PYTHON, "-I", str(_FILL), str(self._conf), text=json.dumps(wish))

    def start(self) -> "Samba":
        """Start it and wait until it listens."""
        log = self.folder / "samba.out"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [program("samba"), "-i", "-M", "single", "-s", self._conf, "--debuglevel=1"],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.PIPE,
            )
        for port in (389, 636):
            wait_for_port(self.host, port, self._process, log)
        return self

    def stop(self) -> None:
        """End it and remove everything it had."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        self._temporary.cleanup()

    def lock(self, name: str) -> None:
        """Lock an account as a child would: by wrong passwords."""
        for _ in range(4):
            words = (program("ldapwhoami"), "-x", "-H", self.tls_url, "-D", name, "-w", "wrong")
            environment = {**os.environ, "LDAPTLS_CACERT": str(self.ca)}
            subprocess.run(words, env=environment, capture_output=True, check=False)


def _free_address() -> str:
    """A loopback address of this run's own: the ports of a domain controller are fixed."""
    for offset in range(200):
        address = f"127.77.{os.getpid() % 250}.{1 + (os.getpid() + offset) % 250}"
        with socket.socket() as probe, suppress(OSError):
            probe.bind((address, 389))
            return address
    raise AssertionError("no loopback address has port 389 free")


def _run(*words: str, text: str | None = None) -> None:
    done = subprocess.run(words, capture_output=True, text=True, input=text, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
