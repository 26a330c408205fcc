"""All records of one collection, page by page, with the proof that they are all."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode, urljoin

from connector.domain.errors import SourceError
from connector.sources.oneroster_rest_rows import Record, text
from connector.sources.oneroster_rest_service import Answer, Service

Given = TypeVar("Given")
Take = Callable[[Record], None]

MOST_RECORDS = 20_000_000

_KINDS = {"students": "users"}
_TELL = "Run again; if it stays, give the SIS's vendor this message."


class Proof(NamedTuple):
    """Why the records may not be all, empty where they are; `contradicted` says that the service's numbers differ.

    `begun` is the service's own time at the first page, as its Date header has it, or empty.
    """

    doubt: str = ""
    contradicted: bool = False
    begun: str = ""


class _UnsteadyError(SourceError):
    """The pages do not fit together; a change in the meantime may be why, so one more try is worth it."""


def gather(
    service: Service, collection: str, query: str, fresh: Callable[[], tuple[Given, Take]]
) -> tuple[Given, Proof]:
    """All records of a collection, `fresh` giving what gathers them and what takes one; `query` is a filter or empty.

    Pages that do not fit together (a record twice, a circle, a count that is not the one stated) are read once
    more from the beginning. Raises SourceError where they are then still twice or in a circle.
    """
    gathered, take = fresh()
    try:
        proof = _Walk(service, collection, take).all(query)
    except _UnsteadyError:
        proof = Proof(contradicted=True)
    if proof.contradicted:
        gathered, take = fresh()
        proof = _Walk(service, collection, take).all(query)
    return gathered, proof


@dataclass
class _Walk:
    """One walk through the pages of `collection`, each record handed to `take`."""

    service: Service
    collection: str
    take: Take
    count: int = 0
    total: int | None = None
    begun: str = ""
    linked: bool = False
    seen: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)

    def all(self, query: str) -> Proof:
        """Walk to the end; while one page is taken in, the next is on its way.

        Raises SourceError, of which _UnsteadyError may be gone at the next try.
        """
        with ThreadPoolExecutor(1) as ahead:
            coming: Future[Answer] | None = ahead.submit(self.service.get, self._page(query))
            while coming is not None:
                answer = coming.result()
                records = self._records(answer.document)
                self._note(answer, len(records))
                url = self._next(answer, query) if records else ""
                coming = ahead.submit(self.service.get, url) if url else None
                self._take(records)
        return self._proof()

    def _next(self, answer: Answer, query: str) -> str:
        """The address of the page after that answer, empty after the last. Raises _UnsteadyError for a circle."""
        link = answer.links.get("next")
        self.linked = self.linked or link is not None
        if link is not None:
            url = self.service.own(urljoin(answer.url, link))
        elif self.linked or (self.total is not None and self.count >= self.total):
            return ""
        else:
            url = self._page(query)
        if url in self.addresses:
            raise _UnsteadyError(f"{self._place}: the pages go round in a circle", hint=_TELL)
        self.addresses.add(url)
        return url

    def _page(self, query: str) -> str:
        """The address of the page that follows; sorted by the key, so that offsets hold while records change."""
        base = f"{self.service.connection.url.rstrip('/')}/{self.collection}"
        size = self.service.connection.page_size
        paging = {"limit": size, "offset": self.count, "sort": "sourcedId", "orderBy": "asc"}
        return f"{base}?{urlencode({**({'filter': query} if query else {}), **paging})}"

    def _take(self, records: list[Any]) -> None:
        """Hand over the records of a page, if none of them was there before."""
        if not all(isinstance(record, dict) for record in records):
            raise SourceError(f"{self._place}: a record is no JSON object", hint=_TELL)
        identities = [identity for record in records if (identity := text(record.get("sourcedId")))]
        fresh = set(identities)
        if len(fresh) != len(identities) or not self.seen.isdisjoint(fresh):
            twice = next((one for one in identities if one in self.seen), "") or _twice(identities)
            raise _UnsteadyError(f"{self._place}: the record {twice} came twice", hint=_TELL)
        self.seen |= fresh
        for record in records:
            self.take(record)

    def _records(self, document: object) -> list[Any]:
        """The list in a page: it stands under the kind of record; some services choose another word."""
        lists = {name: value for name, value in _items(document) if isinstance(value, list)}
        found = lists.get(_KINDS.get(self.collection, self.collection))
        if found is None and len(lists) == 1:
            (found,) = lists.values()
        if found is None:
            raise SourceError(
                f"{self._place}: the answer is no page of records",
                hint="Check [sis] url and [sis.connection] version.",
            )
        return found

    def _note(self, answer: Answer, records: int) -> None:
        """Remember what a page says of the whole."""
        self.count += records
        if self.count > MOST_RECORDS:
            raise SourceError(f"{self._place}: more than {MOST_RECORDS:,} records", hint=_TELL)
        self.begun = self.begun or answer.headers.get("Date", "")
        stated = answer.headers.get("X-Total-Count", "").strip()
        if stated.isdecimal() and len(stated) < 12:
            self.total = int(stated)

    def _proof(self) -> Proof:
        if self.total is None:
            return Proof(f"{self._place} does not say how many records there are (X-Total-Count)", begun=self.begun)
        if self.total != self.count:
            said = f"{self._place}: {self.count:,} records came, and X-Total-Count says {self.total:,}"
            return Proof(said, contradicted=True, begun=self.begun)
        return Proof(begun=self.begun)

    @property
    def _place(self) -> str:
        return f"{self.service.host}/{self.collection}"


def _items(document: object) -> list[tuple[str, Any]]:
    return list(document.items()) if isinstance(document, dict) else []


def _twice(identities: list[str]) -> str:
    return next(one for position, one in enumerate(identities) if one in identities[:position])
