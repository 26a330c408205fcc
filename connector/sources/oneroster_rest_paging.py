"""All records of one collection, page by page, with the proof that they are all."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from connector.domain.errors import SourceError
from connector.sources.oneroster_rest_ahead import TELL, Page, Pages, UnsteadyError
from connector.sources.oneroster_rest_rows import Column, Records, identities_of
from connector.sources.oneroster_rest_service import Service

Given = TypeVar("Given")
Take = Callable[[Records], None]

MOST_RECORDS = 20_000_000


class Proof(NamedTuple):
    """Why the records may not be all, empty where they are; `contradicted` says that the service's numbers differ.

    `begun` is the service's own time at the first page, as its Date header has it, or empty.
    """

    doubt: str = ""
    contradicted: bool = False
    begun: str = ""


def gather(
    service: Service, collection: str, query: str, fresh: Callable[[], tuple[Given, Take]]
) -> tuple[Given, Proof]:
    """All records of a collection: `fresh` gives what gathers them and what takes a page, `query` filters.

    Pages that do not fit together (a record twice, a circle, a count that is not the one stated) are read once
    more from the beginning. Raises SourceError where they are then still twice or in a circle.
    """
    gathered, take = fresh()
    try:
        proof = _Walk(Pages(service, collection, query), take).all()
    except UnsteadyError:
        proof = Proof(contradicted=True)
    if proof.contradicted:
        gathered, take = fresh()
        proof = _Walk(Pages(service, collection, query), take).all()
    return gathered, proof


@dataclass
class _Walk:
    """One walk through the pages, the records of each handed to `take`."""

    pages: Pages
    take: Take
    count: int = 0
    total: int | None = None
    begun: str = ""
    seen: set[str] = field(default_factory=set)

    def all(self) -> Proof:
        """Walk to the end. Raises SourceError, of which UnsteadyError may be gone at the next try."""
        with closing(self.pages.walk()) as pages:
            for page in pages:
                self._note(page)
                if not page.records:
                    break
                self._require_new(page.records)
                self.take(page.records)
        return self._proof()

    def _require_new(self, records: list[Any]) -> None:
        """Raises UnsteadyError for a record that was there before."""
        if set(map(type, records)) != {dict}:
            raise SourceError(f"{self.pages.place}: a record is no JSON object", hint=TELL)
        identities = identities_of(records)
        twice, before = "", len(self.seen)
        if not self.seen.isdisjoint(identities):
            twice = next(one for one in identities if one in self.seen)
        self.seen.update(identities)
        if twice or len(self.seen) - before < len(identities):
            raise UnsteadyError(f"{self.pages.place}: the record {twice or _twice(identities)} came twice", hint=TELL)

    def _note(self, page: Page) -> None:
        """Remember what a page says of the whole."""
        self.count += len(page.records)
        if self.count > MOST_RECORDS:
            raise SourceError(f"{self.pages.place}: more than {MOST_RECORDS:,} records", hint=TELL)
        self.begun = self.begun or page.answer.headers.get("Date", "")
        self.total = self.total if page.total is None else page.total

    def _proof(self) -> Proof:
        place = self.pages.place
        if self.total is None:
            return Proof(f"{place} does not say how many records there are (X-Total-Count)", begun=self.begun)
        if self.total != self.count:
            said = f"{place}: {self.count:,} records came, and X-Total-Count says {self.total:,}"
            return Proof(said, contradicted=True, begun=self.begun)
        return Proof(begun=self.begun)


def _twice(identities: Column) -> str:
    return next(one for position, one in enumerate(identities) if one in identities[:position])
