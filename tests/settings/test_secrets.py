from pathlib import Path

import pytest

from connector.domain.errors import ConfigError
from connector.domain.ruleset import SecretRef
from connector.settings.secrets import resolve_secret


def test_secret_of_a_variable(tmp_path: Path) -> None:
    """The variable's text is the secret, blanks and all."""
    assert resolve_secret(SecretRef(env="SECRET"), {"SECRET": " a b "}, tmp_path) == " a b "


@pytest.mark.parametrize("content", [b"s3cret\n", b"s3cret", b"\xef\xbb\xbfs3cret\r\nmore\n"])
def test_secret_of_a_file_is_its_first_line(tmp_path: Path, content: bytes) -> None:
    """The first line counts, with any line end and byte-order mark left out; the path is seen from the base."""
    (tmp_path / "password.txt").write_bytes(content)
    assert resolve_secret(SecretRef(file="password.txt"), {}, tmp_path) == "s3cret"


@pytest.mark.parametrize(
    ("ref", "environ", "message"),
    [
        (SecretRef(env="SECRET"), {}, "variable SECRET is not set"),
        (SecretRef(env="SECRET"), {"SECRET": ""}, "variable SECRET is empty"),
        (SecretRef(file="none.txt"), {}, "file none.txt is not there"),
        (SecretRef(file="empty.txt"), {}, "first line of the secret's file empty.txt is empty"),
        (SecretRef(file="latin.txt"), {}, "file latin.txt is not UTF-8 text"),
        (SecretRef(file="."), {}, "file . cannot be read"),
    ],
)
def test_missing_secret_is_a_configuration_error(
    tmp_path: Path, ref: SecretRef, environ: dict[str, str], message: str
) -> None:
    """A secret that is not there is told by the name of its variable or file."""
    (tmp_path / "empty.txt").write_bytes(b"\nsecret\n")
    (tmp_path / "latin.txt").write_bytes(b"s\xe9cret")
    with pytest.raises(ConfigError) as caught:
        resolve_secret(ref, environ, tmp_path)
    assert message in str(caught.value)
