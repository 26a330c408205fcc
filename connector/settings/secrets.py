"""Finds a secret where the configuration says it is; the secret itself never stands in a configuration."""

from collections.abc import Mapping
from pathlib import Path

from connector.domain.errors import ConfigError
from connector.domain.ruleset import SecretRef


def resolve_secret(ref: SecretRef, environ: Mapping[str, str], base: Path) -> str:
    """The secret that `ref` points at: the variable's text, or the first line of the file, relative to `base`.

    Raises ConfigError that names the variable or the file when there is no secret there; an empty one is none.
    """
    if ref.env:
        secret = environ.get(ref.env, "")
        if not secret:
            state = "empty" if ref.env in environ else "not set"
            raise ConfigError(f"the environment variable {ref.env} is {state}; put the password or key into it")
        return secret
    return _first_line(base / ref.file, ref.file)


def _first_line(path: Path, name: str) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"the secret's file {name} is not there; create it, readable by the service only") from None
    except OSError as error:
        raise ConfigError(f"the secret's file {name} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"the secret's file {name} is not UTF-8 text; save it as UTF-8") from None
    secret = text.partition("\n")[0].strip()
    if not secret:
        raise ConfigError(f"the first line of the secret's file {name} is empty; write the secret there")
    return secret
