"""A certificate authority of the tests' own."""

import subprocess
from pathlib import Path

from tests.servers.binaries import program

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
_CA = "basicConstraints=critical,CA:TRUE"


class Authority:
    """Signs certificates with a key made in `folder`."""

    def __init__(self, folder: Path, name: str = "Test school CA") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.file = folder / "ca.pem"
        self._key = folder / "ca.key"
        usage = "keyUsage=critical,keyCertSign,cRLSign"
        options = ("-days", "30", "-subj", f"/CN={name}", "-addext", _CA, "-addext", usage)
        _openssl("req", "-x509", *_KEY, *options, "-keyout", self._key, "-out", self.file)

    def sign(self, name: str, names: tuple[str, ...] = (), *, days: int = 10) -> tuple[Path, Path]:
        """A server's certificate and key for these names (`DNS:host`, `IP:address`); -1 days is expired."""
        stem = self.folder / name
        certificate, key, wish, more = (stem.with_suffix(end) for end in (".pem", ".key", ".csr", ".cnf"))
        lines = ["basicConstraints=CA:FALSE", "extendedKeyUsage=serverAuth"]
        if names:
            lines.append(f"subjectAltName={','.join(names)}")
        more.write_text("\n".join(lines) + "\n")
        _openssl("req", *_KEY, "-subj", f"/CN={name}", "-keyout", key, "-out", wish)
        signer = ("-CA", self.file, "-CAkey", self._key, "-CAcreateserial", "-extfile", more)
        _openssl("x509", "-req", "-in", wish, *signer, "-days", str(days), "-out", certificate)
        key.chmod(0o600)
        return certificate, key

    def der(self) -> Path:
        """The authority's certificate as Windows exports it by default."""
        file = self.folder / "ca.cer"
        _openssl("x509", "-in", self.file, "-outform", "DER", "-out", file)
        return file


def _openssl(*words: object) -> None:
    subprocess.run([program("openssl"), *map(str, words)], check=True, capture_output=True)
