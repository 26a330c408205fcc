"""The pages of one collection in their order: while one is taken in, the next is on its way.

They are fetched in a thread of its own, so that no service can hold up a run beyond its budget of time.
"""

import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from functools import cached_property
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlencode

from connector.domain.errors import SourceError
from connector.sources.oneroster_rest_service import Answer, Service

TELL = "Run again; if it stays, give the SIS's vendor this message."
_KINDS = {"students": "users"}
_AHEAD = 2
"""How many pages may be there or on their way before somebody takes them."""
_GRACE = 1.0
"""So many seconds after the end of the budget the thread itself has said what took so long, if it can."""


class UnsteadyError(SourceError):
    """The pages do not fit together; a change in the meantime may be why, so one more try is worth it."""


@dataclass(frozen=True)
class Page:
    """One answer as a page of `collection`; `place` is what messages call it."""

    answer: Answer
    collection: str
    place: str

    @cached_property
    def records(self) -> list[Any]:
        """The list in a page: it stands under the kind of record; some services choose another word.

        Raises SourceError for what is no page.
        """
        document = self.answer.document
        facts = document if isinstance(document, dict) else {}
        lists = {name: value for name, value in facts.items() if isinstance(value, list)}
        found = lists.get(_KINDS.get(self.collection, self.collection))
        if found is None and len(lists) == 1:
            (found,) = lists.values()
        if found is None:
            raise SourceError(
                f"{self.place}: the answer is no page of records",
                hint="Check [sis] url and [sis.connection] version.",
            )
        return found

    @property
    def total(self) -> int | None:
        """How many records the collection has, as X-Total-Count says."""
        stated = self.answer.headers.get("X-Total-Count", "").strip()
        return int(stated) if stated.isdecimal() and len(stated) < 12 else None


@dataclass
class Pages:
    """One walk through `collection`, all of it or what `query` filters; a thread of its own fetches ahead."""

    service: Service
    collection: str
    query: str
    _count: int = 0
    _total: int | None = None
    _linked: bool = False
    _addresses: set[str] = field(default_factory=set)
    _fetched: "SimpleQueue[Page | Exception | None]" = field(default_factory=SimpleQueue)
    _room: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_AHEAD))
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def place(self) -> str:
        """The collection as messages name it."""
        return f"{self.service.host}/{self.collection}"

    def walk(self) -> Generator[Page, None, None]:
        """Every page. Raises SourceError, of which UnsteadyError may be gone at the next try."""
        threading.Thread(target=self._fetch, name="oneroster", daemon=True).start()
        try:
            while (page := self._next()) is not None:
                yield page
                self._room.release()
        finally:
            self._over.set()
            self._room.release()

    def _next(self) -> Page | None:
        """The page that comes next, None after the last; however slowly a service drips, within the budget."""
        try:
            parcel = self._fetched.get(timeout=self.service.left + _GRACE)
        except Empty:
            raise self.service.too_late(self.place) from None
        if isinstance(parcel, Exception):
            raise parcel
        return parcel

    def _fetch(self) -> None:
        """In the thread: one page after the other, as far as there is room for them; at the end None or an error."""
        end: Exception | None = None
        try:
            with self.service.turn:
                self._fetch_all()
        except Exception as error:  # noqa: BLE001 - whatever it is, it must reach the reader, not end a thread
            end = error
        self._fetched.put(end)

    def _fetch_all(self) -> None:
        url = self._page()
        while url and self._has_room():
            page = Page(self.service.get(url), self.collection, self.place)
            url = self._after(page)
            self._fetched.put(page)

    def _has_room(self) -> bool:
        self._room.acquire()
        return not self._over.is_set()

    def _after(self, page: Page) -> str:
        """The address of the next page, empty after the last: by its Link, else by counting records.

        Raises UnsteadyError for a circle.
        """
        link = page.answer.links.get("next")
        if link is not None:
            self._linked = True
            url = self.service.own(page.answer.url, link)
        elif self._linked or self._is_last(page):
            return ""
        else:
            url = self._page()
        if url in self._addresses:
            raise UnsteadyError(f"{self.place}: the pages go round in a circle", hint=TELL)
        self._addresses.add(url)
        return url

    def _is_last(self, page: Page) -> bool:
        """Of pages without links: whether this one is empty, or the stated number of records is reached."""
        self._count += len(page.records)
        self._total = self._total if page.total is None else page.total
        return not page.records or (self._total is not None and self._count >= self._total)

    def _page(self) -> str:
        """The address of the page that follows; sorted by the key, so that offsets hold while records change."""
        base = f"{self.service.connection.url.rstrip('/')}/{self.collection}"
        size = self.service.connection.page_size
        paging = {"limit": size, "offset": self._count, "sort": "sourcedId", "orderBy": "asc"}
        return f"{base}?{urlencode({**({'filter': self.query} if self.query else {}), **paging})}"
