"""A private OpenLDAP on loopback ports, without root and without a file of the system's."""

import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from tests.servers.authority import Authority
from tests.servers.binaries import program
from tests.servers.ports import free_port, wait_for_port

HOST = "127.0.0.1"
SUFFIX = "dc=school,dc=example"
ADMIN, ADMIN_PASSWORD = f"cn=admin,{SUFFIX}", "Admin-Passw0rd1"
READER = f"uid=reader,ou=Service,{SUFFIX}"
BLIND = f"uid=blind,ou=Service,{SUFFIX}"
NARROW = f"uid=narrow,ou=Service,{SUFFIX}"
LOCKED = f"uid=locked,ou=Service,{SUFFIX}"

_SCHEMAS = ("core", "cosine", "nis", "inetorgperson")
_HEAD = """\
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
pidfile {folder}/slapd.pid
{tls}
sizelimit unlimited
{more}
database mdb
suffix "{suffix}"
rootdn "{admin}"
rootpw {password}
directory {folder}/db
maxsize 4294967296
dbnosync
index objectClass eq
{limits}
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="ou=Students,{suffix}" by dn.exact="{blind}" search by users read by * none
access to * by dn.exact="{narrow}" none by users read by anonymous auth
{overlays}
"""
_TLS = "TLSCACertificateFile {}\nTLSCertificateFile {}\nTLSCertificateKeyFile {}"
_MEMBER_OF = (
    "overlay memberof\nmemberof-group-oc groupOfNames\nmemberof-member-ad member\nmemberof-memberof-ad memberOf"
)
_POLICY = 'overlay ppolicy\nppolicy_default "cn=default,ou=policies,{suffix}"\nppolicy_use_lockout'


class Slapd:
    """One slapd with its own database; `start`, `kill` and `stop` may follow each other."""

    def __init__(
        self,
        ldif: str | Path,
        authority: Authority,
        certificate: tuple[Path, Path] | None,
        *,
        limits: str = "",
        more: str = "",
        member_of: bool = True,
        schemas: Iterable[Path] = (),
    ) -> None:
        """Load the LDIF (a text or a file); `limits` and `more` are lines of slapd.conf.

        Without a certificate there is no TLS.
        """
        self._temporary = tempfile.TemporaryDirectory(prefix="slapd-")
        self.folder = Path(self._temporary.name)
        self.ca = authority.file
        self.port, self.tls_port = free_port(HOST), free_port(HOST)
        self.url, self.tls_url = f"ldap://{HOST}:{self.port}", f"ldaps://{HOST}:{self.tls_port}"
        self._process: subprocess.Popen[bytes] | None = None
        (self.folder / "db").mkdir()
        includes = [f"include /etc/ldap/schema/{name}.schema" for name in _SCHEMAS] + [
            f"include {one}" for one in schemas
        ]
        overlays = "\n".join(((_MEMBER_OF,) if member_of else ()) + (_POLICY.format(suffix=SUFFIX),))
        head = _HEAD.format(
            folder=self.folder,
            tls=_TLS.format(self.ca, *certificate) if certificate else "",
            more=more,
            suffix=SUFFIX,
            admin=ADMIN,
            password=ADMIN_PASSWORD,
            limits=limits,
            blind=BLIND,
            narrow=NARROW,
            overlays=overlays,
        )
        self._urls = f"{self.url} {self.tls_url}" if certificate else self.url
        self._ports = (self.port, self.tls_port) if certificate else (self.port,)
        self._conf = self.folder / "slapd.conf"
        self._conf.write_text("\n".join(includes) + "\n" + head)
        self._load(ldif)

    def _load(self, ldif: str | Path) -> None:
        file = ldif if isinstance(ldif, Path) else self.folder / "people.ldif"
        if isinstance(ldif, str):
            file.write_text(ldif, encoding="utf-8")
        done = subprocess.run(
            [program("slapadd"), "-q", "-f", self._conf, "-l", file], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]

    def start(self) -> "Slapd":
        """Start it and wait until it listens."""
        with (self.folder / "slapd.log").open("ab") as log:
            self._process = subprocess.Popen(
                [program("slapd"), "-f", self._conf, "-h", self._urls, "-d", "0"],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        for port in self._ports:
            wait_for_port(HOST, port, self._process, self.folder / "slapd.log")
        return self

    def kill(self) -> None:
        """Kill it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it and remove everything it had."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
            self._process = None
        self._temporary.cleanup()

    def freeze(self) -> None:
        """Stop it in its tracks: it keeps its connections and says nothing."""
        assert self._process is not None
        self._process.send_signal(19)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(18)


def restart_later(slapd: Slapd, seconds: float) -> None:
    """Start a killed server after a while, for a thread."""
    time.sleep(seconds)
    slapd.start()
