"""The schools of a fleet: a folder with a configuration for each."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from connector.domain.errors import ConfigError
from connector.settings.load import load_settings
from connector.settings.values import Settings


class School(NamedTuple):
    """One school: its name in the fleet and its configuration file."""

    name: str
    config: Path

    def settings(self, environ: Mapping[str, str]) -> Settings:
        """Its configuration, read now. Raises ConfigError."""
        return load_settings(self.config, environ)


def find_schools(folder: Path, wanted: Collection[str] = ()) -> list[School]:
    """Every FOLDER/NAME/connector.toml and FOLDER/NAME.toml, by name (10 after 9), or those that are `wanted`.

    Raises ConfigError for a folder without any, a school's own folder, two of one name, and a wanted school that is
    not there.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder}: not a folder", hint="Name the folder that holds the schools' configurations.")
    if (folder / "connector.toml").exists():
        raise ConfigError(
            f"{folder}: the folder of one school, not of several",
            hint="Name the folder that holds the schools' folders.",
        )
    found = [School(path.parent.name, path) for path in folder.glob("*/connector.toml")]
    found += [School(path.stem, path) for path in folder.glob("*.toml")]
    if not found:
        raise ConfigError(
            f"{folder}: no school's configuration here",
            hint="A school is NAME/connector.toml or NAME.toml; lay one down with: trackone init FOLDER/NAME",
        )
    by_name = {school.name: school for school in found}
    if len(by_name) < len(found):
        twice = next(one.name for one in found if by_name[one.name] != one)
        raise ConfigError(f"{folder}: the school {twice} is there twice", hint=f"Keep {twice}/ or {twice}.toml.")
    missing = sorted(set(wanted) - set(by_name))
    if missing:
        raise ConfigError(
            f"{folder}: there is no school {missing[0]}",
            hint=f"There are: {', '.join(sorted(by_name, key=_natural))}",
        )
    chosen = [school for school in found if not wanted or school.name in wanted]
    return sorted(chosen, key=lambda school: _natural(school.name))


def refuse_shared_stores(settings: Mapping[str, Settings]) -> None:
    """Raise ConfigError for two schools that would write to one store."""
    owners: dict[tuple[str, str], str] = {}
    for name, said in settings.items():
        prefix, scheme, file = said.store.url.partition("sqlite:///")
        url = f"{scheme}{Path(file).resolve()}" if scheme else prefix
        other = owners.setdefault((url, said.store.schema_name), name)
        if other != name:
            raise ConfigError(
                f"the schools {other} and {name} have the same store",
                hint="Give each its own [store] url, or its own schema_name in one PostgreSQL database.",
            )


def _natural(name: str) -> tuple[tuple[int, int | str], ...]:
    words = re.findall(r"\d+|\D+", name)
    return tuple((0, int(word)) if word.isdigit() else (1, word.casefold()) for word in words)
