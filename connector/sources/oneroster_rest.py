"""OneRoster REST 1.1 and 1.2: the students of a live service, with the meaning that OneRoster CSV has."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from connector.domain.errors import SourceError
from connector.domain.ports import Source
from connector.settings.values import SchoolSettings, SisSettings
from connector.sources.assemble import Files, Wanted, assemble
from connector.sources.files import Watch
from connector.sources.gathered import GatheredTable
from connector.sources.headers import loose
from connector.sources.manifest import Manifest
from connector.sources.oneroster_reading import choose_code, standard_settings, wanted_columns
from connector.sources.oneroster_rest_bookmark import Bookmark, moment_of, settings_of, usable
from connector.sources.oneroster_rest_paging import Proof, Take, gather
from connector.sources.oneroster_rest_rows import (
    HEADERS,
    Column,
    Records,
    class_columns,
    enrollment_columns,
    org_columns,
    role_columns,
    user_columns,
)
from connector.sources.oneroster_rest_service import Patience, Service, Times
from connector.sources.oneroster_tables import UNMENTIONED, computed_columns, fields_of, shape_of
from connector.sources.preset import Shape
from connector.sources.reading import TableReading
from connector.wire import PromptWire

_STUDENTS = "students"
_FROM_OTHERS = ("userIds:", "orgs.", "roles.", "enrollments.", "classes.")
"""How headers begin that are no properties of a user."""

_SILENCES = 5
"""So many times the longest silence is a page's time, after which a thread that nobody waits for has ended too."""

DEFAULT_PATIENCE = Patience()


def oneroster_rest_source(
    sis: SisSettings, school: SchoolSettings, secret: str, times: Times, patience: Patience = DEFAULT_PATIENCE
) -> Source:
    """A source that reads the service at [sis] url; `secret` is the client's, or the token itself.

    [sis.columns] may name properties of a user beyond the standard, as `metadata.homeRoom`.
    """
    return _RestSource(standard_settings(sis), school, secret, times, patience)


@dataclass(frozen=True, slots=True)
class _RestSource:
    """The Source of `oneroster_rest_source`."""

    sis: SisSettings
    school: SchoolSettings
    secret: str
    times: Times
    patience: Patience

    def open(self, as_of: date, code_kind: str = "") -> TableReading:
        """Fetch every page; what follows needs no connection any more.

        Raises SourceError where not everything came, ConfigError for a property that no record has.
        """
        return self._read(as_of, code_kind, None)

    def open_since(self, as_of: date, code_kind: str, bookmark: str) -> TableReading:
        """Fetch the students changed since the bookmark, and everything they refer to; or everything.

        Everything once a day, every `full_every`, and under other settings than the bookmark's. Raises as `open`.
        """
        return self._read(as_of, code_kind, usable(bookmark, self.sis, as_of, self.times.clock()))

    def _read(self, as_of: date, code_kind: str, since: Bookmark | None) -> TableReading:
        now = self.times.clock()
        with PromptWire(_SILENCES) as session:
            service = Service(self.sis.connection, self.secret, session, self.times, self.patience)
            roster = _Fetch(self.sis, service, since).roster()
        reading = self._reading(roster, as_of, since)
        if not roster.doubts and self.sis.connection.full_every is not None:
            whole = since.whole if since else now
            begun = moment_of(roster.begun, now)
            reading.bookmark = Bookmark(whole, begun, as_of.isoformat(), settings_of(self.sis)).text()
        choose_code(reading, self.sis, code_kind)
        return reading

    def _reading(self, roster: "_Roster", as_of: date, since: Bookmark | None) -> TableReading:
        shape = roster.shape
        joined = [(join, roster.tables[join.name]) for join in shape.joins]
        files = Files(roster.tables["users"], joined, shape, Watch())
        columns = computed_columns(shape, roster.asked.headers(), set())
        reading = assemble(files, roster.asked, self.sis, self.school, as_of, columns)
        host = urlsplit(self.sis.connection.url).netloc
        what = f"changes since {since.since:%Y-%m-%d %H:%M} UTC, " if since else ""
        reading.source = f"OneRoster {self.sis.connection.version} over REST, {what}{host}"
        reading.delta = since is not None
        reading.unmentioned = UNMENTIONED
        reading.damaged = [*reading.damaged, *roster.doubts]
        reading.remarks = [*reading.remarks, *roster.remarks]
        return reading


@dataclass(frozen=True, slots=True)
class _Roster:
    """Everything that was fetched: the tables by name, how they belong together, what is not proved, and when."""

    tables: Mapping[str, GatheredTable]
    shape: Shape
    asked: Wanted
    doubts: Sequence[str]
    remarks: Sequence[str]
    begun: str


@dataclass(frozen=True, slots=True)
class _Fetch:
    """One fetch of everything that the settings ask for, of the students those changed since `since`."""

    sis: SisSettings
    service: Service
    since: Bookmark | None

    def roster(self) -> _Roster:
        """Fetch the collections one after the other. Raises SourceError."""
        version = self.sis.connection.version
        names = ["users", *(["roles"] if version == "1.2" else []), "orgs"]
        names += ["enrollments", "classes"] if self._wants_classes() else []
        manifest = Manifest(version, dict.fromkeys(names, "bulk"))
        bare = shape_of(manifest, GatheredTable("users", HEADERS["users"]), delta=True)
        asked = wanted_columns(self.sis, fields_of(manifest, bare))
        with_ids = any(loose(name).startswith(loose("userIds")) for name in asked.headers())
        tables, proof = self._people(_further(asked), ids=with_ids)
        remarks: list[str] = []
        for name, columns in _OTHERS.items():
            if name in names:
                tables[name] = self._collection(name, columns, remarks)
        doubts = [proof.doubt] if proof.doubt else []
        return _Roster(tables, bare, asked, doubts, remarks, proof.begun)

    def _wants_classes(self) -> bool:
        named = self.sis.columns.get("classes")
        return named is None or any(header.startswith(_FROM_OTHERS[-2:]) for header in named)

    def _people(self, further: Sequence[str], *, ids: bool) -> tuple[dict[str, GatheredTable], Proof]:
        width = len(HEADERS["users"])

        def fresh() -> tuple[tuple[GatheredTable, GatheredTable, set[str]], Take]:
            users = GatheredTable("users", (*HEADERS["users"], *further))
            roles = GatheredTable("roles", HEADERS["roles"])
            found: set[str] = set()

            def take(page: Records) -> None:
                columns = user_columns(page, further, ids=ids)
                users.add(columns)
                roles.add(role_columns(page))
                found.update(name for name, cells in zip(further, columns[width:], strict=True) if any(cells))

            return (users, roles, found), take

        (users, roles, found), proof = gather(self.service, _STUDENTS, self.since.filter if self.since else "", fresh)
        if len(users) and self.since is None:
            users.headers = (*HEADERS["users"], *(name if name in found else "" for name in further))
        return {"users": users, "roles": roles}, proof

    def _collection(self, name: str, columns: Callable[[Records], list[Column]], remarks: list[str]) -> GatheredTable:
        """A collection that users refer to. Raises SourceError where the count shows that it is not whole."""

        def fresh() -> tuple[GatheredTable, Take]:
            table = GatheredTable(name, HEADERS[name])
            return table, lambda page: table.add(columns(page))

        table, proof = gather(self.service, name, "", fresh)
        if proof.contradicted:
            raise SourceError(proof.doubt, hint="Run again; if it stays, give the SIS's vendor this message.")
        if proof.doubt:
            remarks.append(proof.doubt)
        return table


_OTHERS: Mapping[str, Callable[[Records], list[Column]]] = {
    "orgs": org_columns,
    "enrollments": enrollment_columns,
    "classes": class_columns,
}


def _further(asked: Wanted) -> list[str]:
    """The properties asked for that the standard's columns do not hold, in the order of asking."""
    names = dict.fromkeys(name for name in asked.headers() if not name.startswith(_FROM_OTHERS))
    return [name for name in names if name not in HEADERS["users"] and " " not in name]
