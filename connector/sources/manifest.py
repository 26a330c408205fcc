"""The manifest of a OneRoster CSV export: which version it is, and which files it holds, whole or as changes.

OneRoster 1.1 CSV Tables and OneRoster 1.2 CSV Binding, section manifest.csv.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from connector.domain.errors import SourceError
from connector.sources.delimited import open_table
from connector.sources.files import Bundle, find
from connector.sources.headers import match

_MODES = ("bulk", "delta")
_FILE = "file."
_KNOWN = frozenset(
    {
        *("manifest.version", "oneroster.version"),
        *(f"{_FILE}{name}" for name in ("users", "roles", "orgs", "enrollments", "classes")),
    }
)
_HINT = "Export again; a OneRoster export with manifest.csv, users.csv and orgs.csv is wanted."


@dataclass(frozen=True, slots=True)
class Manifest:
    """The version (1.1 or 1.2) and the mode (bulk or delta) of each file that counts, by name without `.csv`.

    `stated` is False where there was no manifest and version and files were told by what is there.
    """

    version: str
    modes: Mapping[str, str]
    stated: bool = True
    warnings: Sequence[str] = field(default_factory=list)


def read_manifest(bundle: Bundle) -> Manifest:
    """The manifest of a bundle; without one, what the files themselves tell.

    Raises SourceError for a version other than 1.1 and 1.2, a mode that is none, a file that the manifest names
    and the bundle lacks, and where users.csv is not among the files.
    """
    name = find(bundle, ("manifest.csv",))
    if name is None:
        return _guessed(bundle)
    properties = _properties(bundle, name)
    warnings: list[str] = []
    modes = _modes(properties, warnings)
    for file in modes:
        spelt = find(bundle, (f"{file}.csv",))
        if spelt is None:
            raise SourceError(f"manifest.csv names {file}.csv as {modes[file]}, and it is not there", hint=_HINT)
        if spelt != f"{file}.csv":
            warnings.append(f"{spelt} is read as {file}.csv")
    if "users" not in modes:
        raise SourceError("manifest.csv says that there is no users.csv", hint=_HINT)
    warnings += _left_out(bundle, modes)
    return Manifest(_version(properties, warnings), modes, warnings=warnings)


def _properties(bundle: Bundle, name: str) -> dict[str, str]:
    table = open_table(bundle.file(name))
    columns = {"propertyName": ("propertyName",), "value": ("value",)}
    found = match(table.name, table.headers, columns, {}, settable=False).positions
    key, value = found["propertyName"][0], found["value"][0]
    return {_named(cells[key].strip()): cells[value].strip() for cells in table.records()}


def _named(name: str) -> str:
    """A property as the standard spells it, as far as it matters here: some exports write `File.Users`."""
    lowered = name.casefold()
    return lowered if lowered in _KNOWN else f"{_FILE}{name[len(_FILE) :]}" if lowered.startswith(_FILE) else name


def _modes(properties: Mapping[str, str], warnings: list[str]) -> dict[str, str]:
    modes = {}
    for name, value in properties.items():
        if not name.startswith(_FILE):
            continue
        mode = value.casefold()
        if not mode:
            warnings.append(f"manifest.csv says nothing for {name}: taken as absent")
        elif mode in _MODES:
            modes[name.removeprefix(_FILE)] = mode
        elif mode != "absent":
            raise SourceError(f'manifest.csv: {name} is "{value}"; absent, bulk or delta is wanted', hint=_HINT)
    return modes


def _version(properties: Mapping[str, str], warnings: list[str]) -> str:
    stated = properties.get("oneroster.version", "")
    version = next((known for known in ("1.1", "1.2") if stated == known or stated.startswith(f"{known}.")), "")
    if not version:
        raise SourceError(f'manifest.csv: oneroster.version is "{stated}"; 1.1 or 1.2 is wanted', hint=_HINT)
    if version != stated:
        warnings.append(f"manifest.csv says OneRoster {stated}: read as {version}")
    if properties.get("manifest.version", "") != "1.0":
        warnings.append("manifest.csv says no manifest.version 1.0")
    return version


def _left_out(bundle: Bundle, modes: Mapping[str, str]) -> list[str]:
    """The files that are there and that the manifest does not count."""
    counted = {f"{name}.csv".casefold() for name in (*modes, "manifest")}
    names = [name for name in bundle.names if name.casefold().endswith(".csv") and name.casefold() not in counted]
    return [f"{name} is there, but not in manifest.csv: not read" for name in sorted(names)]


def _guessed(bundle: Bundle) -> Manifest:
    names = {name.casefold().removesuffix(".csv") for name in bundle.names if name.casefold().endswith(".csv")}
    if "users" not in names:
        raise SourceError("there is no users.csv and no manifest.csv", hint=_HINT)
    version = "1.2" if "roles" in names else "1.1"
    modes = dict.fromkeys(sorted({"users", "roles", "orgs", "enrollments", "classes"} & names), "")
    return Manifest(version, modes, stated=False, warnings=[f"there is no manifest.csv: read as OneRoster {version}"])
