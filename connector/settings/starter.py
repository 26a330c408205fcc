"""Lays down a first configuration: a commented connector.toml and a copy of the mappings."""

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from connector.domain.errors import ConfigError, OperationError
from connector.settings.presets import packaged_mappings, read_packaged_preset

_SECTION = re.compile(r"#?\[([a-z.]+)\]$")
_KEY = re.compile(r"#?([A-Za-z_]+) = ")
_IGNORED = Path(".gitignore")
_IGNORED_TEXT = """\
# What belongs in no version control: secrets, and everybody's data.
*.key
*.lock
*.lock.json
*.password
.env
trackone.db*
trackone-state.db*
demo-school/
# exports, plans and reports
*.csv
*.ldif
*.ldf
*.zip
*.xlsx
*.pdf
*.html
plan*.json
reports/
mappings/.history/
"""

_DIRECTORIES = {
    "active-directory": {
        "base": '"OU=Students,DC=school,DC=example"',
        "bind_dn": '"CN=svc-trackone,OU=Service,DC=school,DC=example"',
        "login": '"sAMAccountName"',
        "key": '"employeeID"',
    },
    "openldap": {
        "base": '"ou=students,dc=school,dc=example"',
        "bind_dn": '"cn=svc-trackone,ou=service,dc=school,dc=example"',
        "login": '"uid"',
        "key": '"employeeNumber"',
    },
}

Keys = Mapping[str, Mapping[str, str | None]]
"""Section to key to its value as TOML has it; None switches the key off."""


def lay_down(directory: Path, *, sis: str | None, directory_type: str | None) -> list[Path]:
    """Write connector.toml for the SIS preset and the kind of directory, a copy of the mappings, and .gitignore.

    A .gitignore that is there stays as it is. `directory_type` is active-directory, openldap or ldif. Returns the
    files written. Raises ConfigError when a preset is unknown or a file is there already, and then nothing is
    written; OperationError when the disk refuses.
    """
    keys = {**_sis_keys(sis), **_directory_keys(directory_type)}
    content = {Path("connector.toml"): set_keys(_template(), keys).encode()}
    mappings = packaged_mappings()
    for source in sorted(path for path in mappings.rglob("*") if path.suffix in (".toml", ".md")):
        content[Path("mappings") / source.relative_to(mappings)] = source.read_bytes()
    there = [directory / path for path in content if (directory / path).exists()]
    if there:
        raise ConfigError(
            f"{there[0]} is there already; nothing was written",
            hint="Choose another folder, or move the file away.",
        )
    if not (directory / _IGNORED).exists():
        content[_IGNORED] = _IGNORED_TEXT.encode()
    return [_write(directory / path, data) for path, data in content.items()]


def set_keys(text: str, keys: Keys) -> str:
    """A commented configuration with some keys set or switched off; sections that get a key are switched on."""
    section = ""
    lines = []
    for line in text.splitlines():
        header = _SECTION.match(line)
        section = header[1] if header else section
        lines.append(_set_line(line, section, keys.get(section, {}), is_header=bool(header)))
    return "\n".join(lines) + "\n"


def _set_line(line: str, section: str, values: Mapping[str, str | None], *, is_header: bool) -> str:
    if is_header:
        return f"[{section}]" if any(values.values()) else line
    found = _KEY.match(line)
    if not found or found[1] not in values:
        return line
    value = values[found[1]]
    return f"#{line.lstrip('#')}" if value is None else f"{found[1]} = {value}"


def _template() -> str:
    package = Path(str(files("connector")))
    packaged = package / "_connector.toml"
    return (packaged if packaged.is_file() else package.parent / "connector.toml").read_text(encoding="utf-8")


def _sis_keys(name: str | None) -> Keys:
    if name is None:
        return {}
    preset = read_packaged_preset(name)
    path = "oneroster.zip" if preset.reader == "oneroster" else "export" if preset.folder else "students.csv"
    off: dict[str, str | None] = dict.fromkeys(("sis_code", "given_names", "family_name", "year_level", "status"))
    return {
        "sis": {"reader": f'"{preset.reader}"', "path": f'"{path}"', "preset": f'"{name}"'},
        "sis.columns": off,
        "sis.status": dict.fromkeys(("active", "left")),
    }


def _directory_keys(kind: str | None) -> Keys:
    if kind is None:
        return {}
    if kind == "ldif":
        return {"directory": {"url": '"ldif:directory.ldif"', "type": '"auto"', "policy": '"report"'}}
    habit = _DIRECTORIES.get(kind)
    if habit is None:
        raise ConfigError(f'there is no directory type "{kind}"; expected active-directory, openldap or ldif')
    return {
        "directory": {
            "url": '"ldaps://ldap.school.example"',
            "type": f'"{kind}"',
            "base": habit["base"],
            "bind_dn": habit["bind_dn"],
            "bind_password": '{ env = "TRACKONE_LDAP_PASSWORD" }',
            "policy": '"report"',
        },
        "directory.attributes": {"login": habit["login"], "key": habit["key"]},
    }


def _write(path: Path, data: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise OperationError(f"{path}: cannot be written: {error.strerror}") from None
    return path
