"""The pages of one collection in their order: while one is taken in, the next is on its way."""

import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from queue import SimpleQueue
from typing import Any
from urllib.parse import urlencode, urljoin

from connector.domain.errors import SourceError
from connector.sources.oneroster_rest_service import Answer, Service

TELL = "Run again; if it stays, give the SIS's vendor this message."
_KINDS = {"students": "users"}
_AHEAD = 2
"""How many pages may be there or on their way before somebody takes them."""


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
    _fetched: "SimpleQueue[Page | None]" = field(default_factory=SimpleQueue)
    _room: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_AHEAD))
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def place(self) -> str:
        """The collection as messages name it."""
        return f"{self.service.host}/{self.collection}"

    def walk(self) -> Generator[Page, None, None]:
        """Every page. Raises SourceError, of which UnsteadyError may be gone at the next try."""
        with ThreadPoolExecutor(1) as ahead:
            try:
                fetching = ahead.submit(self._fetch)
                while (page := self._fetched.get()) is not None:
                    yield page
                    self._room.release()
                fetching.result()
            finally:
                self._over.set()
                self._room.release()

    def _fetch(self) -> None:
        """In the thread: one page after the other, as far as there is room for them."""
        try:
            url = self._page()
            while url and self._has_room():
                page = Page(self.service.get(url), self.collection, self.place)
                url = self._after(page)
                self._fetched.put(page)
        finally:
            self._fetched.put(None)

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
            url = self.service.own(urljoin(page.answer.url, link))
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
