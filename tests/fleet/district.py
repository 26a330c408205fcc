"""A district of small invented schools on disk, each with its own store."""

import json
from pathlib import Path

from tests.cli.command import trackone
from tests.servers.postgres import PASSWORD, USER, Postgres
from tests.services.school import School, row

STORE = """
[store]
url = "{url}"
schema_name = "{schema}"
password = {{ file = "password" }}
"""


def district(folder: Path, names: list[str], server: Postgres | None = None, students: int = 40) -> list[Path]:
    """Schools in `folder`; with a server their stores are schemas of it. Returns their folders."""
    places = []
    for at, name in enumerate(names):
        place = folder / name
        place.mkdir(parents=True)
        more = ""
        if server is not None:
            url = f"postgresql+psycopg://{USER}@{server.facts['host']}:{server.facts['port']}/postgres"
            schema = f"{folder.name}_{name}".replace("-", "_").lower()[-60:]
            more = STORE.format(url=url, schema=f"s_{schema}")
            (place / "password").write_text(PASSWORD)
        School(place, more=more).write(people(at, students))
        places.append(place)
    return places


def people(school: int, count: int) -> list[dict[str, str]]:
    """The students of a school, whom no other has."""
    return [row(f"{school}-{number}", f"Given{school}", f"Family{number}") for number in range(count)]


def runs(place: Path) -> list[dict]:
    """The runs in a school's own record, the newest first."""
    return json.loads(trackone("runs", "list", "--format", "json", folder=place).out)


def accounts(place: Path) -> list[dict]:
    """A school's accounts."""
    return json.loads(trackone("accounts", "export", "--format", "json", folder=place).out)
