"""The files of a small school: a configuration with a column a field, an export with nobody in it, a mapping."""

from collections.abc import Sequence
from pathlib import Path

FIELDS = ("sis_code", "given_names", "family_name", "year_level", "status")
MAPPING = '[usernames]\nmethod = "initial_surname"\n[passwords]\nmethod = "none"\n'
STORE = 'url = "sqlite:///trackone.db"'
_CONFIG = """\
[school]
name = "Test College"
[sis]
reader = "csv"
path = "students.csv"
[sis.columns]
{columns}
[mapping]
file = "students.toml"
[store]
{store}
{more}
"""


def lay(
    folder: Path, *, fields: Sequence[str] = FIELDS, mapping: str = MAPPING, store: str = STORE, more: str = ""
) -> Path:
    """Write them, with `more` sections behind [store]; gives the configuration's path."""
    columns = "\n".join(f'{name} = "{name}"' for name in fields)
    config = folder / "connector.toml"
    config.write_text(_CONFIG.format(columns=columns, store=store, more=more), encoding="utf-8")
    (folder / "students.toml").write_text(mapping, encoding="utf-8")
    (folder / "students.csv").write_text(",".join(fields) + "\n", encoding="utf-8")
    return config
