"""What a preset says beyond columns and words: optional columns, which rows count, which files are joined."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.domain.errors import ConfigError

Words = Mapping[str, tuple[str, ...]]
"""Words by header: a row fits when every one of these columns holds one of its words, in any letter case."""


@dataclass(frozen=True, slots=True)
class Join:
    """A further file of the folder, looked up for each row of the main one.

    Its columns are called `NAME.HEADER`. `key` is its column that is looked up by the column `on` (of the main
    file or of an earlier join; several headers are alternatives); `split` parts several keys in one cell. Rows
    count that fit `where` and do not fit `without`; of several rows those that fit `first` come first and those
    that fit `last` last. `window` names the columns of the first and the last day: rows whose days cover the
    day of reading push out the others, and the days become those of entry and leaving; with `current` only such
    rows count, and give no days. A main row without any is left out when `only` is set, unless it fits
    `spare`. A key that no row has stands for itself in every column when `keep` is set. `lead` names a main column
    whose key comes first. (Presets know neither `without`, `last`,
    `current`, `spare`, `keep` nor `lead`.)
    """

    name: str
    files: tuple[str, ...]
    key: tuple[str, ...]
    on: tuple[str, ...]
    where: Words = field(default_factory=dict)
    without: Words = field(default_factory=dict)
    first: Words = field(default_factory=dict)
    last: Words = field(default_factory=dict)
    window: tuple[str, ...] = ()
    current: bool = False
    split: str = ""
    only: bool = False
    required: bool = True
    spare: Words = field(default_factory=dict)
    keep: bool = False
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """How the rows of students are put together: the main file of a folder, its rows that count, and the joins."""

    optional: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    where: Words = field(default_factory=dict)
    main: tuple[str, ...] = ()
    joins: tuple[Join, ...] = ()


def shape_of(options: Mapping[str, object], preset: str) -> Shape:
    """The Shape that a preset's own options describe. Raises ConfigError naming preset and key."""
    reader = _Options(preset)
    folder = reader.table(options.get("folder", {}), "folder")
    joins = options.get("join", [])
    if not isinstance(joins, list):
        raise reader.wrong("join", "a list of tables, each under [[join]]")
    return Shape(
        optional=reader.words(options.get("optional", {}), "optional"),
        where=reader.words(options.get("where", {}), "where"),
        main=reader.texts(folder.get("main", []), "folder.main"),
        joins=tuple(reader.join(table, number) for number, table in enumerate(joins, 1)),
    )


_TEXTS = ("key", "on", "window")
_WORDS = ("where", "first")
_FLAGS = ("only", "required")
_TEXT = ("split",)


@dataclass(frozen=True, slots=True)
class _Options:
    """Reads the values of one preset, naming preset and key where they are not of the kind they must be."""

    preset: str

    def wrong(self, key: str, kind: str) -> ConfigError:
        return ConfigError(f'preset "{self.preset}": {key} must be {kind}', hint="See mappings/sis/README.md.")

    def table(self, value: object, key: str) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise self.wrong(key, "a table")
        return value

    def texts(self, value: object, key: str) -> tuple[str, ...]:
        found = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list | tuple) else (None,)
        if not all(isinstance(text, str) for text in found):
            raise self.wrong(key, "a text or a list of texts")
        return tuple(str(text) for text in found)

    def words(self, value: object, key: str) -> Words:
        table = self.table(value, key)
        return {header: self.texts(words, f"{key}.{header}") for header, words in table.items()}

    def flag(self, value: object, key: str) -> bool:
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def text(self, value: object, key: str) -> str:
        if not isinstance(value, str):
            raise self.wrong(key, "a text")
        return value

    def join(self, value: object, number: int) -> Join:
        table = self.table(value, f"join {number}")
        name = table.get("name")
        if not isinstance(name, str) or not name:
            raise self.wrong(f"join {number}: name", "a text")
        known = {"name", "file", *_TEXTS, *_WORDS, *_FLAGS, *_TEXT}
        if unknown := sorted(set(table) - known):
            raise self.wrong(f"join {name}: {unknown[0]}", f"one of {', '.join(sorted(known))}")
        if lacking := [key for key in ("file", "key", "on") if key not in table]:
            raise self.wrong(f"join {name}: {lacking[0]}", "given")
        values: dict[str, Any] = {}
        for keys, read in ((_TEXTS, self.texts), (_WORDS, self.words), (_FLAGS, self.flag), (_TEXT, self.text)):
            values.update((key, read(table[key], f"join {name}: {key}")) for key in keys if key in table)
        if len(values.get("window", ())) not in (0, 2):
            raise self.wrong(f"join {name}: window", "two headers, of the first day and of the last")
        return Join(name=name, files=self.texts(table["file"], f"join {name}: file"), **values)
