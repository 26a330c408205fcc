"""Finds the mappings that come with the product and the school's own, and merges a SIS preset into [sis]."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from connector.domain.errors import ConfigError
from connector.settings.connector_model import ConnectorFile, SisTable
from connector.settings.document import Document, checked
from connector.settings.faults import Fault, nearest, shown
from connector.settings.model_tree import options
from connector.settings.preset_model import ColumnsTable, PresetFile, StatusTable
from connector.settings.toml_file import read_toml

_SHARED = ("reader", "date_formats", "null_dates", "html_unescape", "encoding_fallback", "sis_code_from")
"""The keys a preset and [sis] have in common; what [sis] says itself stands above."""


class Merged(NamedTuple):
    """[sis] over its preset: the keys of [sis], the columns, the words, and the preset's other tables as written."""

    keys: Mapping[str, Any]
    columns: Mapping[str, tuple[str, ...]]
    status: Mapping[str, tuple[str, ...]]
    others: Mapping[str, object]


def packaged_mappings() -> Path:
    """The folder of mappings that comes with the product: in the installed package, or the repository's."""
    package = Path(str(files("connector")))
    packaged = package / "_mappings"
    return packaged if packaged.is_dir() else package.parent / "mappings"


def preset_names(*mappings: Path) -> list[str]:
    """The presets that these folders of mappings hold."""
    return sorted({path.stem for folder in mappings for path in (folder / "sis").glob("*.toml")})


def find_preset(name: str, base: Path) -> Path | None:
    """The file of a preset given by name, None where there is none; one given by path ends in .toml."""
    if name.endswith(".toml"):
        return base / name
    places = (base / "mappings" / "sis" / f"{name}.toml", packaged_mappings() / "sis" / f"{name}.toml")
    known = preset_names(base / "mappings", packaged_mappings())
    return next((path for path in places if name in known and path.is_file()), None)


def read_preset(name: str, base: Path, config: Document, faults: list[Fault]) -> tuple[PresetFile, dict[str, Any]]:
    """A preset with its data as written; an empty one where no preset is wanted or it cannot be read.

    What is wrong is added to `faults`.
    """
    path = find_preset(name, base) if name else None
    if path is None and name:
        known = preset_names(base / "mappings", packaged_mappings())
        faults.append(config.fault(ConnectorFile, ("sis", "preset"), _no_preset(name, known)))
    document = read_toml(path, faults) if path else None
    preset = checked(document, PresetFile, faults) if document else None
    return (preset, document.data) if preset and document else (PresetFile(), {})


def read_packaged_preset(name: str) -> PresetFile:
    """A preset that comes with the product. Raises ConfigError that names the nearest when there is none."""
    known = preset_names(packaged_mappings())
    if name not in known:
        raise ConfigError(_no_preset(name, known))
    path = packaged_mappings() / "sis" / f"{name}.toml"
    return PresetFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def merge(sis: SisTable, preset: PresetFile, data: Mapping[str, object]) -> Merged:
    """[sis] over its preset, `data` being the preset as written."""
    keys = {name: getattr(sis, name) for name in options(type(sis))}
    for name in _SHARED:
        if name not in sis.model_fields_set and getattr(preset, name) is not None and name in preset.model_fields_set:
            keys[name] = getattr(preset, name)
    own = _said(sis.columns)
    optional = {field: header for field, header in _said(preset.optional).items() if field not in own}
    columns = {**_said(preset.columns), **own}
    others = {name: table for name, table in data.items() if name in ("where", "folder", "join")}
    return Merged(keys, columns, _words(preset.status, sis.status), others | {"optional": optional})


def _said(table: ColumnsTable | StatusTable) -> dict[str, tuple[str, ...]]:
    return {name: value for name in type(table).model_fields if (value := getattr(table, name)) is not None}


def _words(*tables: StatusTable) -> dict[str, tuple[str, ...]]:
    """Each status with its words; a later table moves a word from where an earlier one had it."""
    meaning = {word: status for table in tables for status, words in _said(table).items() for word in words}
    return {
        status: tuple(word for word, its in meaning.items() if its == status)
        for status in StatusTable.model_fields
        if status in meaning.values()
    }


def _no_preset(name: str, known: list[str]) -> str:
    meant = nearest(name, known)
    hint = f"did you mean {meant}?" if meant else f"known are {', '.join(known)}"
    return f"there is no preset {shown(name)}; {hint}"
